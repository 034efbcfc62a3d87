// Package secrets looks for secrets where they must not be: in files and texts of
// any size, plain and in the encodings that programs use without noticing.
package secrets
