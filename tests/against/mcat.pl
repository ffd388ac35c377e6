# SPDX-License-Identifier: MIT
package mcat;
use strict;
use warnings;

my @options = (qw(-A -b -e -E -n -s -t -T -u -v -bn -nb -sn -vET -sb -ET -tu --show-all --number
    --squeeze --squeeze-blank --number-non --number-nonblank --show-ends --show-tabs --show-n
    --show-nonprinting));

sub make_case {
    my ($pool) = @_;
    my @args = (main::some(3, @options), main::operands($pool, 4));
    push @args, '--', main::operands($pool, 2) if main::chance(0.02);
    push @args, main::pick('--show', '-y', '--nonsense', '--number=3') if main::chance(0.01);
    return main::surroundings($pool, @args);
}

1;
