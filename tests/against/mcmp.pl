# SPDX-License-Identifier: MIT
package mcmp;
use strict;
use warnings;

# number -- as -i, -n and operands take one; rarely, one that is larger than any file, or none.
sub number {
    return main::pick(0, 0, 1, 2, 7, 100, 4095, 4096, 5000, '1K', '1kB', '2b') if main::chance(0.9);
    return main::pick(
        (map { main::pick(0, 1, 3, 9) . $_ . main::pick('', 'B', 'iB') } qw(k K M G T P E Z Y)),
        qw(K B 0x10 010 +1 -1 1k 1bB 9223372036854775807 9223372036854775808 18446744073709551615
        18446744073709551616 99999999999999999999999999 1x 1K1), '', ' 1', '1 ', 'x');
}

# two POOL -- two names, mostly of files that are nearly alike.
sub two {
    my ($pool) = @_;
    my $kind = rand;
    return (main::pick('t0', 'l'), main::pick(map { "v$_" } 0 .. 7)) if $kind < 0.4;
    return ('p1', main::pick(map { "vp$_" } 0 .. 3)) if $kind < 0.5;
    return ('w1', main::pick('vw0', 'vw1', 'w0', 'w2')) if $kind < 0.52 && @{ $pool->{large} };
    return (main::file($pool), main::file($pool)) if $kind < 0.8;
    my @names = main::operands($pool, 2);
    return (@names, ('-', 't0')[@names .. 1]);
}

sub make_case {
    my ($pool) = @_;
    my @args = main::some(2, qw(-b -l -b -l -s -c -bl --verbose --quiet --silent --print-bytes));
    push @args, main::pick('-n', '--bytes=') . number() if main::chance(0.25);
    push @args, '--bytes=' . main::pick(10, 50, '1K') if main::chance(0.1);
    push @args, main::pick('-i', '--ignore-initial=') . number()
        . (main::chance(0.5) ? ':' . number() : '') if main::chance(0.25);
    my @names = two($pool);
    @names = reverse @names if main::chance(0.5);
    push @args, @names;
    push @args, map { number() } 1 .. 1 + int rand 2 if main::chance(0.15);
    push @args, main::pick('x', '-iy', '-n1q', '-y', '1', '--by', '-i', '-i1:', '-i:1', '-i1:2:3', '--') if main::chance(0.02);
    return main::surroundings($pool, @args);
}

1;
