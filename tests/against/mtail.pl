# SPDX-License-Identifier: MIT
package mtail;
use strict;
use warnings;

sub amount {
    my $sign = main::pick('', '', '-', '+', '+');
    my $number = main::pick(0, 1, 1, 2, 3, 5, 10, 30, 100, 4095, 4096, 4097, 199_999, 1_000_000);
    my $suffix = main::chance(0.05) ? main::pick('b', 'k', 'K', 'kB', 'KiB', 'M', 'm') : '';
    $suffix = main::pick(qw(K M G T P E Z Y)) . main::pick('', 'B', 'iB') if main::chance(0.02);
    return "$sign$number$suffix";
}

# obsolete POOL -- arguments as they were before there were -n and -c; only these.
sub obsolete {
    my ($pool) = @_;
    my $number = main::pick('', 0, 1, 3, 5, 12, 5000, 99_999_999_999_999_999_999);
    my $option = main::pick('-', '-', '+') . $number . main::pick('', '', 'c', 'l', 'b', 'k', 'cl');
    return ($option, main::some(2, main::file($pool), '--', '-', '-q', '-n1'));
}

# following POOL -- arguments that follow files until a process that is none has ended.
sub following {
    my ($pool) = @_;
    return (main::pick('-f', '-F', '--follow', '--follow=name', '--follow=desc'),
        '--pid=4194303', main::pick('-s0.01', '--sleep-interval=.02'),
        main::some(2, qw(-q -v -n1 -c3 --retry --max-unchanged-stats=1 ---disable-inotify)),
        map { main::pick(main::file($pool), main::file($pool), 'gone', 'd', 'l') }
            1 .. 1 + int rand 2);
}

# useless -- options that say nothing where nothing is followed, and what is wrong.
sub useless {
    return main::pick('--pid=1', '--pid=x', '--pid=-1', '-s1', '-s', '-s1e-2', '-sx', '-s-1', '-s 2',
        '--sleep-interval=0x1p-3', '--max-unchanged-stats=3', '--max-unchanged-stats=x',
        '--follow=x', '--retry', '---disable-inotify', '--zero', '--zero-terminated', '-q', '-5', '-z5');
}

sub make_case {
    my ($pool) = @_;
    my @args;
    push @args, main::pick('-n', '-c') . amount() if main::chance(0.7);
    push @args, main::pick('--lines=', '--bytes=') . amount() if main::chance(0.2);
    push @args, main::pick('-n', '-c', '--lines', '--bytes'), amount() if main::chance(0.05);
    push @args, main::some(2, qw(-q -v --quiet --silent --verbose));
    push @args, '-z' if main::chance(0.15);
    push @args, main::pick('-nx', '-c', '--lines=1y', '-y', '--retry', '-n99999999999999999999999')
        if main::chance(0.02);
    push @args, main::operands($pool, 3);
    push @args, useless() if main::chance(0.03);
    @args = obsolete($pool) if main::chance(0.05);
    @args = following($pool) if main::chance(0.02);
    my $case = main::surroundings($pool, @args);
    $case->{env} = { _POSIX2_VERSION => main::pick(199_209, 200_112, 200_809, 'x') }
        if main::chance(0.03);
    return $case;
}

1;
