# SPDX-License-Identifier: MIT
package mtail;
use strict;
use warnings;

sub amount {
    my $sign = main::pick('', '', '-', '+', '+');
    my $number = main::pick(0, 1, 1, 2, 3, 5, 10, 30, 100, 4095, 4096, 4097, 199_999, 1_000_000);
    my $suffix = main::chance(0.05) ? main::pick('b', 'k', 'K', 'kB', 'KiB', 'M') : '';
    return "$sign$number$suffix";
}

sub make_case {
    my ($pool) = @_;
    my @args;
    push @args, main::pick('-n', '-c') . amount() if main::chance(0.7);
    push @args, main::pick('--lines=', '--bytes=') . amount() if main::chance(0.2);
    push @args, main::some(2, qw(-q -v --quiet --silent --verbose));
    push @args, '-z' if main::chance(0.15);
    push @args, main::pick('-nx', '-c', '--lines=1y', '-y', '--retry', '-n99999999999999999999999')
        if main::chance(0.02);
    push @args, main::operands($pool, 3);
    @args = (main::pick('-1', '-5', '-3c', '-2l', '-1b', '+3'), main::file($pool)) if main::chance(0.03);
    return main::surroundings($pool, @args);
}

1;
