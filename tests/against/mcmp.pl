# SPDX-License-Identifier: MIT
package mcmp;
use strict;
use warnings;

sub skip { return main::pick(0, 0, 1, 2, 7, 100, 4095, 4096, 5000, '1K', '1kB', '2b') }

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
    my @args = main::some(2, qw(-b -l -b -l -s --verbose --quiet --silent --print-bytes));
    push @args, '-n' . skip() if main::chance(0.2);
    push @args, '--bytes=' . main::pick(10, 50, '1K') if main::chance(0.1);
    push @args, '-i' . skip() . (main::chance(0.5) ? ':' . skip() : '') if main::chance(0.25);
    my @names = two($pool);
    @names = reverse @names if main::chance(0.5);
    push @args, @names;
    push @args, map { skip() } 1 .. 1 + int rand 2 if main::chance(0.15);
    push @args, main::pick('x', '-iy', '-n1q', '-y', '1', '--by') if main::chance(0.02);
    return main::surroundings($pool, @args);
}

1;
