# SPDX-License-Identifier: MIT
# Writes a server's log of at least `bytes` bytes, the same for the same `seed` under any awk:
#
#     LC_ALL=C awk -v seed=1 -v bytes=67108864 -f log.awk > app.log
#
# Lines are 60 to 160 bytes long.  About one in a hundred is an ERROR, one in thirty a
# session with a hexadecimal id and an address at its end, one in a thousand speaks of a
# shard or its leader, one in three thousand holds non-ASCII text, and one in three hundred
# thousand (so a few in 64 MiB) says "checksum mismatch".

# Lehmer's generator: every product stays below 2^53, so that doubles hold it exactly.
function random(n)
{
    state = (state * 16807) % 2147483647
    return state % n
}

BEGIN {
    state = seed + 1
    methods = split("GET GET GET GET POST PUT DELETE HEAD", method)
    paths = split("/ /index.html /api/v1/users /api/v1/orders /api/v1/orders/items " \
        "/static/site.css /static/app.js /images/logo.png /search /login /logout /health", path)
    names = split("amber birch cedar dahlia elder fern ginger hazel iris juniper kale linden", name)
    states = split("slow expired drained fresh idle elected", state_name)
    modules = split("http db cache auth queue mail", module)
    for (written = 0; written < bytes; written += length(line) + 1) {
        clock += random(20)
        time = sprintf("2026-03-%02dT%02d:%02d:%02d.%03dZ", 1 + clock / 86400000 % 28,
            clock / 3600000 % 24, clock / 60000 % 60, clock / 1000 % 60, clock % 1000)
        who = name[1 + random(names)] random(1000)
        dice = random(300000)
        head = time " node-" random(16) " " module[1 + random(modules)] "[" 1000 + random(9000) "]: "
        if (dice == 0)
            line = head "ERROR checksum mismatch in block " random(1000000) ", user=" who
        else if (dice < 3000)
            line = head "ERROR upstream timeout after " 1000 + random(30000) " ms, user=" who
        else if (dice < 3100)
            line = head "INFO user=" who " name=\"Zoë Müller-Łukasz\" city=\"Αθήνα\" logged in"
        else if (dice < 3400)
            line = head "WARN " state_name[1 + random(states)] (random(2) ? " shard " : " leader ") \
                random(64) ", user=" who
        else if (dice < 13400)
            line = head "INFO session of user=" who " opened, id=" \
                sprintf("%06x%06x", random(16777216), random(16777216)) " from " \
                10 + random(200) "." random(256) "." random(256) "." random(256)
        else if (dice < 22300)
            line = head "WARN slow query " random(5000) " ms: select * from orders where id=" \
                random(10000000) ", user=" who
        else
            line = head "INFO " method[1 + random(methods)] " " path[1 + random(paths)] "?id=" \
                random(10000000) " user=" who " status=" 200 + random(5) " bytes=" random(100000) \
                " time=" random(900) "ms"
        print line
    }
}
