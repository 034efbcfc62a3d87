# /etc/jeton/jeton.hcl: node 1 of three. Data directory and secret are the unit's.
node_id          = "node-1"
cluster_name     = "jeton"
http_addr        = "0.0.0.0:8200"
cluster_addr     = "0.0.0.0:8201"
gossip_addr      = "0.0.0.0:8202"
join             = ["node-1.example.net:8202", "node-2.example.net:8202", "node-3.example.net:8202"]
bootstrap_expect = 3

# How clients reach this node, and other nodes: an address of this machine.
advertise_http_addr    = "node-1.example.net:8200"
advertise_cluster_addr = "node-1.example.net:8201"
advertise_gossip_addr  = "node-1.example.net:8202"

tls_cert_file = "/etc/jeton/tls.crt"
tls_key_file  = "/etc/jeton/tls.key"

log_format           = "json"
disable_legacy_paths = true # tokens in paths end up in the logs of proxies
disable_waypoint     = true # unless Waypoint's clients are to be served
