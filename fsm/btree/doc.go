// Package btree is an ordered set whose copies are free: a B-tree that is copied on
// write, node by node.
//
// A Tree is a value. Copying it takes constant time, and the copies are then
// independent of each other as long as no two are written by one Owner. A write copies
// the nodes on its way that another owner made, and changes its own in place, so that
// many writes by one owner copy a node once. Reading takes no lock and is safe beside
// writes to other copies.
//
// It differs from the trees one can get in what it makes of the two orders in which a
// state machine writes: items that come in ascending order, anywhere in the tree, leave
// full nodes behind, where splitting in the middle would leave half-full ones; and a
// node that is copied for an item takes the item in along with the copy, in an array that
// has no room to spare. Both decide how much memory a token takes (docs/performance.md).
//
// What a tree answers depends on its items alone; how they are spread over nodes, also on
// the order of the writes and on where one owner followed another. Neither chance nor time
// has a part in it.
package btree
