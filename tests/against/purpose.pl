# SPDX-License-Identifier: MIT
# Differences on purpose: which tool, what a row's condition sees, and why.
#
# A condition gets the case and its differences by name: $_[1]{'standard output'}
# is [ours, theirs].  A case is excused when a row says so for all that differs.

use strict;
use warnings;

my @table = (
    [ 'mtail',
        sub {
            my ($case, $differences) = @_;
            my @shown = grep { !/offset/ } keys %$differences;
            return grep({ $_ eq 'd' } @{ $case->{args} }) && !$differences->{status}
                && !grep { index($differences->{$_}[0], $differences->{$_}[1]) != 0 } @shown;
        },
        'tail -c gives up at a directory, mtail goes on to the next file as tail -n does' ],
    [ 'mgrep',
        sub {
            my ($case, $differences) = @_;
            my @args = @{ $case->{args} };
            return !$differences->{status} && !$differences->{'standard error'}
                && grep({ /^-[^-]*w/ || /^--w/ } @args)
                && grep({ /^-[^-]*o/ || /^--(only|colou?r)/ } @args);
        },
        'with -o or --color, grep -w mishandles what follows the first match on a line' ],
    [ 'mgrep',
        sub {
            my ($case, $differences) = @_;
            return keys %$differences == 1 && $differences->{'standard error'}
                && grep { /[^ -~]/ } @{ $case->{args} };
        },
        'names with control characters are quoted in messages' ],
    [ 'mcopy',
        sub { return grep { $_ eq '--re' } @{ $_[0]{args} } },
        '--re is ambiguous among all of cp\'s options, and --recursive among those that mcopy has' ],
);

# on_purpose TOOL, CASE, DIFFERENCES -- the reason, or nothing.
sub on_purpose {
    my ($tool, $case, $differences) = @_;
    my %by_name = map { $_->[0] => [ @$_[1, 2] ] } @$differences;
    for my $row (@table) {
        my ($for, $condition, $reason) = @$row;
        return $reason if $for eq $tool && $condition->($case, \%by_name);
    }
    return;
}

1;
