# What a package sets in sandgate.conf as it is shipped, for the units of packaging/systemd: a service on a socket, and queues
# of which one with the slots of up to eleven cores is shorter than there are workers (sandgate.target). Who uses both engines
# needs more workers: docs/INSTALL.md.
/^native {/,/^}/ {
    s|^    # socket = ""$|    socket = "/run/sandgate/native/native.sock"|
    s|^    # peers = {}$|    peers = { "sandgate-web" }|
    s|^    # queue = 64$|    queue = 16|
}
/^docker {/,/^}/ s|^    # queue = 64$|    queue = 16|
