# Draws docs/curves. Called by deploy/curves.sh, in the top folder.
set terminal svg size 560,360 font "sans,12" background rgb "white"
set datafile separator ","
set logscale xy
set grid
set key left top
set style data linespoints

csv = "docs/curves/machine.csv"
points(axis, operation) = sprintf("< awk -F, '$1 == \"%s\" && $3 == \"%s\" {print $2 \",\" $4/1000}' %s", axis, operation, csv)

set ylabel "microseconds"
set yrange [0.1:1000]
set format x "10^{%L}"
do for [axis in "tokens children roles leases policies"] {
    set output sprintf("docs/curves/%s.svg", axis)
    set xlabel axis
    operations = axis eq "tokens" ? "look-up renew create revoke snapshot restart" : axis eq "children" ? "'create' 'list 100' 'revoke the parent'" : \
        axis eq "roles" ? "'write one' 'create by one'" : axis eq "leases" ? "'issue' 'renew' 'end an owner'" : "'look-up' 'write one'"
    plot for [o in operations] points(axis, o) title o
}

set format x "%g"
set output "docs/curves/depth.svg"
set xlabel "depth of the token in its tree"
plot for [o in "'look-up' 'look-up beside a sweep'"] points("depth", o) title o

set output "docs/curves/policies-of-a-token.svg"
set xlabel "policies of the token, three rules each"
plot for [o in "'look-up' 'create'"] points("policies of a token", o) title o

csv = "docs/curves/clients.csv"
of(operation, column) = sprintf("< awk -F, '$1 == \"%s\" {print $2 \",\" $%d}' %s", operation, column, csv)
set xlabel "clients"
set ylabel "requests a second"
set yrange [100:100000]
set output "docs/curves/clients.svg"
plot for [o in "create lookup"] of(o, 3) title o

set ylabel "milliseconds"
set yrange [0.1:1000]
set output "docs/curves/latency.svg"
plot for [o in "create lookup"] of(o, 4) title o." p50", for [o in "create lookup"] of(o, 5) title o." p99"
