# SPDX-License-Identifier: MIT
# mgrep's options: all of grep's, with arguments that make sense and some that do not.
package mgrep;
use strict;
use warnings;

my @outputs = (qw(-c -l -L -o -o -n -n -b -H -h -q -s -Z -T --color=always --line-buffered),
    qw(--only-matching --count --line-number --files-with-matches --colour=always --color));
my @choices = (qw(-i -i -v -v -w -w -x -x -z -a -I -U --binary-files=text --text --no-ignore-case),
    qw(--binary-files=without-match --binary-files=binary --null-data -y));
# All of grep's long options that take nothing, but for --help and --version.
my @long = qw(basic-regexp extended-regexp fixed-regexp fixed-strings perl-regexp binary byte-offset
    color colour count files-with-matches files-without-match ignore-case no-ignore-case initial-tab
    line-buffered line-number line-regexp no-filename no-group-separator no-messages null null-data
    only-matching quiet recursive dereference-recursive invert-match silent text with-filename
    word-regexp);
my %long_kinds = (G => 'basic-regexp', E => 'extended-regexp', F => 'fixed-strings',
    P => 'perl-regexp');
my @globs = ('*.c', '*.h', 't*', 'sub', 'tree', 'tree/', 'sub/', '*/sub', './tree', '[ab]*', '',
    '*', '\\*.c', '.*', 'x', 'tree/sub', 'a.?', 'gone');

# locales -- those that are installed of the ones that are of interest.
my @locales;
sub locales {
    unless (@locales) {
        my $installed = `locale -a 2>/dev/null`;
        @locales = ('C', 'C.UTF-8', $installed =~ /^en_US\.utf-?8$/mi ? 'en_US.UTF-8' : ());
    }
    return @locales;
}

# abbreviated NAME -- the long option, as long as one likes to write it.
sub abbreviated {
    my ($name) = @_;
    my $length = 2 + int rand(length($name) - 1);
    # The words of --help are our own, and of --version.
    return "--$name" if substr($name, 0, $length) =~ /^(h|he|hel|help|v|ve|ver.*)$/;
    return '--' . substr $name, 0, $length;
}

sub long_kind { return abbreviated($long_kinds{ $_[0] }) }

sub glob_option {
    my $name = main::pick('include', 'exclude', 'exclude-dir', 'exclude-from');
    return "--$name=" . main::pick(qw(t1 globs e gone)) if $name eq 'exclude-from';
    return "--$name=" . main::pick(@globs);
}

sub options {
    my @args = (main::some(2, @outputs), main::some(2, @choices));
    push @args, main::pick('-A', '-B', '-C', '--after-context=', '--before-context=', '--context=')
        . main::pick(0, 1, 1, 2, 3, 10, 100) for 1 .. (main::chance(0.2) ? 1 + int rand 2 : 0);
    push @args, '-' . main::pick(0, 1, 2, 12) if main::chance(0.02);
    push @args, main::pick('-m', '-m', '--max-count=') . main::pick(0, 1, 1, 1, 2, 2, 5, 30, -1)
        if main::chance(0.12);
    push @args, main::pick('--group-separator=##', '--no-group-separator', '--group-separator=')
        if main::chance(0.03);
    push @args, main::pick('--label=L', '-dskip', '-Dskip', '--max=1', '--con', '-dread', '-Dread',
        '--directories=sk', '--devices=read', '--label=', '-u') if main::chance(0.04);
    push @args, glob_option() if main::chance(0.02);
    push @args, abbreviated(main::pick(@long)) if main::chance(0.03);
    # Options are read in any order, and letters may share a word.
    @args = map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { [rand, $_] } @args;
    @args = (shift(@args) . substr(shift @args, 1), @args)
        if @args > 1 && "@args[0, 1]" =~ /^-[a-zLHZTIU] -[a-zA-Z]/ && main::chance(0.3);
    return @args;
}

# recursion -- operands to search below, and what to leave out there.
sub recursion {
    my @args = (main::pick('-r', '-r', '-R', '-drecurse', '--recursive', '--directories=recurse'));
    push @args, glob_option() for 1 .. int rand 3;
    push @args, main::pick('-Dskip', '-Dread', '-s') if main::chance(0.1);
    push @args, main::pick([], ['.'], ['tree'], ['tree'], ['tree/'], ['tree/sub', 't0'],
        ['./tree//'], ['l', 'tree/link'], ['d'], ['gone', 'tree'], ['-', 'tree'],
        ['tree/loop'])->@*;
    return @args;
}

# special -- operands that are no common file.
sub special { return main::pick('/dev/null', '-', 'tree', 'hole', '/dev/stdin') }

# trouble -- what is no option, or has no such argument, or is not to be used with others.
sub trouble {
    return main::pick('-y', '--nonsense', '-Ax', '-mz', '--no', '-E', '-P', '-F',
        '--binary-files=x', '-dx', '-dre', '-d', '-Dx', '-C', '-A-1', '-m',
        '-m99999999999999999999', '-A99999999999999999999', '--context', '--co', '--line',
        '--null=x', '--include', '-fgone', '-fd', '-k', '--', '-e', '--colou',
        '--exclude-from=gone', '-999999999999999999999', '--file', '--r', '--in', '--regex=b');
}

# colours -- an environment that says which.
sub colours {
    return {} if main::chance(0.5);
    return { GREP_COLOR => main::pick('7', '01;32', '', 'x') } if main::chance(0.1);
    return { GREP_COLORS => join ':', main::some(4, 'ms=01;32', 'mc=4', 'mt=7', 'sl=1', 'cx=2',
        'rv', 'ne', 'fn=34', 'ln=33', 'bn=31', 'se=35', 'ms=', 'mc=', 'sl=', 'se=', 'fn=', 'xx=1',
        'ms=1a', '', 'rv=1', 'ne=', 'mt', 'sl=38;5;1', 'm') };
}

1;
