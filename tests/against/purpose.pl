# SPDX-License-Identifier: MIT
# Differences on purpose: which tool, how one is known, and why.
#
# A row gets the case, its differences by name ($_[1]{'standard output'} is
# [ours, theirs]), and $again->(WHICH, CHANGE => VALUE...), which runs 'ours' or
# 'theirs' once more, with the case so changed, and returns what execute() does.  It
# says yes only to the difference that it stands for.

use strict;
use warnings;

# behind NAME, ARGS -- the arguments behind the first that is NAME.
sub behind {
    my ($name, @args) = @_;
    while (@args) { return @args if shift @args eq $name }
    return;
}

# same RUN, NAME => VALUE... -- is that what the run gave?
sub same {
    my ($run, %expected) = @_;
    return !grep { $run->{$_} ne $expected{$_} } keys %expected;
}

# goes_on: tail -c gives up at the directory d.  Ours is what the peer makes of the
# operands before and of those behind, one after the other, up to the next d.
sub goes_on {
    my ($case, $differences, $again) = @_;
    my @args;
    for my $arg (@{ $case->{args} }) { # an option and its argument as one
        if (@args && $args[-1] =~ /^(-[a-z]*[cns]|--(by|l|sl)[^=]*)$/) {
            $args[-1] .= ($args[-1] =~ /^--/ ? '=' : '') . $arg;
        } else {
            push @args, $arg;
        }
    }
    my @options = grep { /^[-+]./ } @args;
    my ($last) = grep { /^(-[qv]|--(q|si|v))/ } reverse @options;
    my $headers = $last ? $last =~ /^--?v/ : @args - @options > 1;
    my ($out, $err, $left, $in) = ('', '', 0, $case->{in});
    for (my @rest = grep { !/^[-+]./ } @args; @rest;) {
        my $part = $again->('theirs', args => [@options, $headers ? '-v' : (), @rest], in => $in);
        $out .= ($headers && $out ne '' && $part->{out} ne '' ? "\n" : '') . $part->{out};
        $err .= $part->{err};
        $left = $part->{left};
        my @behind = behind('d', @rest);
        my $read = grep { $_ eq '-' } @rest[0 .. $#rest - @behind];
        $in = !$in || ($in->{pipe} && $read) ? undef
            : $in->{pipe} ? $in : { %$in, offset => $left };
        @rest = @behind;
        @options = grep { !/^--ret/ } @options; # it is warned of once
    }
    my $ours = $again->('ours');
    return same($ours, out => $out, err => $err, status => 1) && ($left == $ours->{left} || !$in);
}

# follows_others: the same where files are followed; what the peer said until then is the same.
sub follows_others {
    my ($case, $differences) = @_;
    my @args = @{ $case->{args} };
    return if $differences->{status} && $differences->{status}[1] != 1;
    return unless grep({ /^(-f|-F|--follow)/ } @args) && grep { $_ eq 'd' } @args;
    for my $name (grep { /^standard/ } keys %$differences) {
        my ($ours, $theirs) = @{ $differences->{$name} };
        return unless index($ours, $theirs) == 0;
    }
    my $said = $differences->{'standard error'} or return;
    return $said->[1] =~ /error reading 'd': Is a directory\n\z/;
}

# too_far: -c +NUM with more than a file of the file system can hold; the peer ends there.
sub too_far {
    my ($case, $differences) = @_;
    my ($ours, $theirs) = @{ $differences->{'standard error'} || return };
    return if $theirs !~ s/^TOOL: .+: cannot seek to relative offset \d+: Invalid argument\n\z//m;
    my $out = $differences->{'standard output'} || ['', ''];
    return index($ours, $theirs) == 0 && index($out->[0], $out->[1]) == 0;
}

# first_parts WHICH, CASE, AGAIN -- what -o shows first of each line, by file and line.
sub first_parts {
    my ($which, $case, $again) = @_;
    my @args = ('-o', '-n', '-H', '--color=never');
    for my $arg (grep { !/^--(no-f|init|nul|colo)/ } @{ $case->{args} }) {
        my $plain = $arg =~ s/^(-[a-zA-Z]*)[hTZ]+/$1/r;
        push @args, $plain unless $plain eq '-' && $arg ne '-';
    }
    my %parts;
    for (split /[\n\0]/, $again->($which, args => \@args)->{out}) {
        $parts{$1} //= $2 if /^([^:]*?[:-]\d+[:-])(.*)/;
    }
    return join "\n", map { "$_$parts{$_}" } sort keys %parts;
}

# later_words: with -w the second match on a line and those behind it may differ, where
# GNU grep measures a shorter one from the wrong place.
sub later_words {
    my ($case, $differences, $again) = @_;
    my @args = @{ $case->{args} };
    return if keys %$differences > 1 || !$differences->{'standard output'};
    return unless grep({ /^-[^-]*w/ || /^--wo/ } @args);
    my $only = grep { /^-[^-]*o/ || /^--on/ } @args;
    return unless $only || grep { /^--colo/ } @args;
    my ($ours, $theirs) =
        map { s/\e\[[0-9;]*m(?:\e\[K)?//gr } @{ $differences->{'standard output'} };
    return if !$only && $ours ne $theirs;
    return first_parts('ours', $case, $again) eq first_parts('theirs', $case, $again);
}

# line_and_word: -x is stronger than -w, and what -o and --color show ends before the newline.
sub line_and_word {
    my ($case, $differences, $again) = @_;
    my @args = map { /^--wo/ ? () : /^-[a-zA-Z]*w/ ? grep { $_ ne '-' } s/w//gr : $_ }
        @{ $case->{args} };
    return if "@args" eq "@{ $case->{args} }" || !grep { /^-[a-zA-Z]*x/ || /^--line-r/ } @args;
    return unless grep { /^-[a-zA-Z]*o/ || /^--(on|colo)/ } @args;
    my ($ours, $theirs) = ($again->('ours'), $again->('theirs', args => \@args));
    return same($ours, map { $_ => $theirs->{$_} } qw(out err status left));
}

# no_limit: -m-1 is none, also with -v.  The last -m counts.
sub no_limit {
    my ($case, $differences, $again) = @_;
    my ($limited, @args) = ('');
    for my $arg (@{ $case->{args} }) {
        $limited = $1 if $arg =~ /^(?:-[a-zA-Z]*m|--max[a-z-]*=)(-?)\d+$/;
        my $plain = $arg =~ s/^--max[a-z-]*=-?\d+$|m-?\d+$//r;
        push @args, $plain unless $plain ne $arg && $plain =~ /^-?$/;
    }
    return unless $limited eq '-';
    my ($ours, $theirs) = ($again->('ours'), $again->('theirs', args => \@args));
    return same($ours, map { $_ => $theirs->{$_} } qw(out err status left));
}

# spelled NAME, LOCALE -- as a shell would have it, if it holds what does not print.
sub spelled {
    my ($name, $locale) = @_;
    my $prints = $locale eq 'C' ? qr/[ -~]/
        : qr/[ -~]|\xc2[\xa0-\xbf]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}
             |\xf0[\x90-\xbf][\x80-\xbf]{2}/x;
    return $name if $name =~ /^(?:$prints)*\z/;
    my %letters = map { chr(7 + $_) => (qw(a b t n v f r))[$_] } 0 .. 6;
    $name =~ s{((?:$prints)+)|(.)}{defined $1 ? $1 =~ s/'/'\\''/gr
        : "'\$'\\" . ($letters{$2} // sprintf '%03o', ord $2) . "''"}gse;
    $name =~ s/''\'\$'(?=\\)//g;
    # Behind what does not print there is nothing left to quote.
    return "'$name'" =~ s/(\\(?:\d{3}|[abtnvfr])')''\z/$1/r;
}

# quoted_names: a name with what a terminal would obey is quoted in messages.
sub quoted_names {
    my ($case, $differences) = @_;
    my ($ours, $theirs) = @{ $differences->{'standard error'} || return };
    return if keys %$differences > 1;
    for my $name (map { s/^(-[a-zA-Z]*f|--file=)//r } grep { /[^ -~]/ } @{ $case->{args} }) {
        my $spelled = spelled($name, $case->{locale});
        $theirs =~ s/\Q$name\E(?=: )/$spelled/g;
    }
    return $ours eq $theirs;
}

# unmatched PATTERN -- does a parenthesis of the extended expression close nothing?
sub unmatched {
    my ($pattern) = @_;
    my $depth = 0;
    for ($pattern =~ /\\.|\[\]?[^]]*\]|[()]/gs) {
        $depth += $_ eq '(' ? 1 : $_ eq ')' ? -1 : 0;
        return 1 if $depth < 0;
    }
    return;
}

# closes_more: such a parenthesis ends what GNU grep puts around the patterns for -w and -x.
sub closes_more {
    my ($case, $differences) = @_;
    my @args = @{ $case->{args} };
    return if $differences->{'standard error'};
    return unless grep({ /^-[a-zA-Z]*[wx]/ || /^--(wo|line-r)/ } @args);
    return unless grep({ /^-[a-zA-Z]*E/ || /^--ext/ } @args);
    return grep { unmatched($_) } map { split /\n/ } @args;
}

# leading_brace: it stands for itself, as it does where a backslash says so.
sub leading_brace {
    my ($case, $differences, $again) = @_;
    my @args = map { s/^((?:-e|--regexp=)?)\{/$1\\{/mr } @{ $case->{args} };
    return if "@args" eq "@{ $case->{args} }";
    my ($ours, $theirs) = ($again->('ours'), $again->('theirs', args => \@args));
    return same($ours, map { $_ => $theirs->{$_} } qw(out err status left));
}

# trouble_told: where inotify tells of changes, tail --pid ends with 0 whatever went wrong before.
sub trouble_told {
    my ($case, $differences, $again) = @_;
    my $status = $differences->{status};
    return if !$status || keys %$differences > 1 || $status->[0] != 1 || $status->[1] != 0;
    my @args = ('---disable-inotify', @{ $case->{args} });
    return $again->('theirs', args => \@args)->{status} == 1;
}

# far_skip: behind a skip that the file system has no place for, cmp -s takes a file for one byte
# longer than it is; without -s it does not.
sub far_skip {
    my ($case, $differences, $again) = @_;
    my $status = $differences->{status};
    return if !$status || keys %$differences > 1 || $status->[1] != 1;
    my @args = grep { !/^(-s|--silent|--quiet)$/ } @{ $case->{args} };
    return if "@args" eq "@{ $case->{args} }";
    my $ours = $again->('ours', args => \@args);
    return $ours->{status} == $status->[0]
        && same($again->('theirs', args => \@args), map { $_ => $ours->{$_} } qw(out err status));
}

# far_stdin: where a skip that the file system has no place for leaves standard input.
sub far_stdin {
    my ($case, $differences) = @_;
    return if "@{[keys %$differences]}" ne 'offset of standard input';
    return grep { /(^|[=i: ])(\d{16,}|\d+[PEZY])/ } @{ $case->{args} };
}

# closed_twice: standard input as both files, with different skips.
sub closed_twice {
    my ($case, $differences, $again) = @_;
    return $again->('theirs')->{err} =~ /-: Bad file descriptor/;
}

# parents_linger: with --parents, cp 9.1 takes what an operand without a slash goes to for new,
# as the last directory was that it made for the operand before.
sub parents_linger {
    my ($case, $differences) = @_;
    my @args = @{ $case->{args} };
    return unless grep { /^--pa/ } @args;
    my @behind = map { s{/+$}{}r } behind((grep { m{^[^-].*/[^/]} } @args)[0] // '', @args);
    my ($said, $err) = map { $differences->{"standard $_"} || ['', ''] } qw(output error);
    my %ours = map { $_ => 1 } split /\n/, $err->[0];
    my @late = map { m{^TOOL:\ (?:cannot\ create\ [a-z\ ]*|not\ writing\ through\ dangling\ symlink\ )
            '(?:[^']*/)?([^/']+)/*'(?::\ File\ exists)?$}x ? $1 : () } grep { !$ours{$_} } split /\n/, $err->[1];
    # Nor does it make a backup then.
    my %theirs = map { $_ => 1 } split /\n/, $said->[1];
    push @late, map { /^('([^']*)' -> '.*') \(backup: '.*'\)$/ && $theirs{$1} ? $2 : () } split /\n/, $said->[0];
    return grep { my $name = $_; grep { $_ eq $name } @behind } @late;
}

# never_ends: a copy into itself by way of a link, which cp makes until its names are too long.
sub never_ends {
    my ($case, $differences) = @_;
    my ($ours, $theirs) = @{ $differences->{'standard error'} || return };
    return $ours =~ /into itself/ && $theirs =~ m{(?:/[^/]+){200}} && $theirs =~ /: File name too long/;
}

my @table = (
    [ 'mtail', \&goes_on,
        'tail -c gives up at a directory, mtail goes on to the next file as tail -n does' ],
    [ 'mtail', \&follows_others, 'the same, where files are followed' ],
    [ 'mtail', \&too_far,
        'tail -c +NUM gives up where the file system has no files so large, mtail finds nothing there' ],
    [ 'mtail', \&trouble_told,
        'tail --pid ends with 0 after trouble with a file where it uses inotify, with 1 where it polls' ],
    [ 'mcmp', \&far_stdin, 'a skip beyond what the file system can hold moves nothing' ],
    [ 'mcmp', \&closed_twice,
        'cmp closes standard input twice where it is both files, and fails' ],
    [ 'mcmp', \&far_skip,
        'cmp -s takes a file for longer than it is behind a skip that no file can have' ],
    [ 'mgrep', \&later_words,
        'with -o or --color, grep -w mishandles what follows the first match on a line' ],
    [ 'mgrep', \&line_and_word,
        'with -o or --color, grep -x -w takes the newline for a part of the match' ],
    [ 'mgrep', \&closes_more,
        'with -w or -x a parenthesis that closes nothing ends what grep puts around the patterns' ],
    [ 'mgrep', \&leading_brace, 'a brace that begins an extended expression stands for itself' ],
    [ 'mgrep', \&no_limit, 'a negative -m is no limit; grep -v takes it for one' ],
    [ 'mgrep', \&quoted_names, 'names with control characters are quoted in messages' ],
    [ 'mcopy', \&never_ends, 'cp copies a directory into itself for ever by a link to it' ],
    [ 'mcopy', \&parents_linger,
        'cp --parents takes a destination for new that is not, behind an operand with directories' ],
);

# on_purpose TOOL, CASE, DIFFERENCES, AGAIN -- the reason, or nothing.
sub on_purpose {
    my ($tool, $case, $differences, $again) = @_;
    my %by_name = map { $_->[0] => [ @$_[1, 2] ] } @$differences;
    for my $row (@table) {
        my ($for, $condition, $reason) = @$row;
        return $reason if $for eq $tool && $condition->($case, \%by_name, $again);
    }
    return;
}

1;
