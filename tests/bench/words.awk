# SPDX-License-Identifier: MIT
# Writes `count` words to look for in the log, one a line: 300 of its users and, beyond, strings
# that are hardly in it.
BEGIN {
    names = split("amber birch cedar dahlia elder fern ginger hazel iris juniper kale linden", name)
    for (i = 0; i < count && i < 300; i++)
        print name[1 + i % names] (i * 37 % 1000)
    state = 7
    for (; i < count; i++) {
        word = ""
        for (letters = 6 + i % 6; letters > 0; letters--) {
            state = (state * 16807) % 2147483647
            word = word substr("abcdefghijklmnopqrstuvwxyz", 1 + state % 26, 1)
        }
        print word
    }
}
