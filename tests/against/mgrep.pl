# SPDX-License-Identifier: MIT
# Patterns come from a grammar over the words that the pool's lines are made of.
package mgrep;
use strict;
use warnings;

my @atoms = ('a', 'b', 'ab', 'foo', 'Foo', 'bar', 'x', '1', '4', 'é', 'ï', ' ', ':', '_', 'K', 's',
    'ß', '本');
my @classes = ('[ab]', '[^ab]', '[a-f]', '[[:digit:]]', '[[:alpha:]]', '[^[:space:]]', '[é1]',
    '[[:upper:]]', '[]x]', '[a-]', '[.*]', '[[:punct:]]');
my @escapes = ('\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\<', '\\>', "\\.", '\\*', '\\[');

# expression DEPTH, KIND -- KIND is G, E or P: what an operator looks like.
sub expression {
    my ($depth, $kind) = @_;
    my ($open, $close, $bar, $plus, $maybe, $left, $right) =
        $kind eq 'G' ? ('\\(', '\\)', '\\|', '\\+', '\\?', '\\{', '\\}')
                     : ('(', ')', '|', '+', '?', '{', '}');
    my $text = '';
    for (1 .. 1 + int rand 3) {
        my $roll = rand;
        my $atom =
            $roll < 0.55 ? main::pick(@atoms)
          : $roll < 0.65 ? '.'
          : $roll < 0.78 ? main::pick(@classes)
          : $roll < 0.86 ? main::pick(@escapes)
          : $depth > 0   ? $open . expression($depth - 1, $kind) . $close
          :                main::pick(@atoms);
        if (main::chance(0.25) && $atom !~ /^\\[bB<>]/) {
            $atom .= main::pick('*', '*', $plus, $maybe, "${left}2$right", "${left}1,3$right", "${left}0,1$right");
        }
        $text .= $atom;
    }
    $text .= $bar . expression($depth - 1, $kind) if $depth > 0 && main::chance(0.2);
    return $text;
}

# pattern KIND -- anchored at times, with a back-reference at times.
sub pattern {
    my ($kind) = @_;
    return main::pick(@atoms, 'a.b', 'a*b', '(x)', '[y]', '', 'foobar', 'zzz') if $kind eq 'F';
    return main::pick('', '^', '$', '^$', '.*', '.', '^.', 'zzz') if main::chance(0.08);
    my $text = expression(2, $kind);
    $text = "^$text" if main::chance(0.12);
    $text .= '$' if main::chance(0.12);
    if (main::chance(0.06)) {
        my $group = main::pick('a', '.', '[ab]*', 'foo', '\\w');
        $text .= $kind eq 'G' ? "\\($group\\)\\1" : "($group)\\1" if $text !~ /\(/;
    }
    if ($kind eq 'P') {
        $text =~ s/\\[<>]/\\b/g;
        $text .= main::pick('(?=b)', '(?!b)', '\\d', '(?i)foo', '\\Ba', 'a*?') if main::chance(0.3);
    }
    return $text;
}

my @outputs = (qw(-c -l -L -o -o -n -n -b -H -h -q -s -Z -T --color=always --line-buffered),
    qw(--only-matching --count --line-number --files-with-matches));
my @choices = (qw(-i -i -v -v -w -w -x -x -z -a -I -U --binary-files=text --text --no-ignore-case));

sub make_case {
    my ($pool) = @_;
    my $kind = main::pick(qw(G G E E F F P));
    my @args = $kind eq 'G' && main::chance(0.7) ? () : "-$kind";
    push @args, main::some(2, @outputs), main::some(2, @choices);
    push @args, main::pick('-A', '-B', '-C') . main::pick(0, 1, 1, 2, 10) if main::chance(0.2);
    push @args, '-' . main::pick(0, 1, 2) if main::chance(0.02);
    push @args, '-m' . main::pick(0, 1, 1, 2, 5) if main::chance(0.12);
    push @args, main::pick('--group-separator=##', '--no-group-separator') if main::chance(0.03);
    push @args, main::pick('--label=L', '-dskip', '-Dskip', '--max=1', '--con') if main::chance(0.04);
    push @args, '-f', main::pick('one', 'n', 'e', 't1') if main::chance(0.03);
    if (main::chance(0.15)) {
        push @args, map { ('-e', pattern($kind)) } 1 .. 1 + int rand 3;
    } else {
        my $pattern = pattern($kind);
        $pattern .= "\n" . pattern($kind) if main::chance(0.05);
        push @args, '-e' if $pattern =~ /^-/;
        push @args, $pattern;
    }
    push @args, main::operands($pool, 3);
    my $recursive = main::chance(0.02);
    push @args, '-r' if $recursive;
    push @args, main::pick('-y', '--nonsense', '-Ax', '-mz', '--no', '-E') if main::chance(0.01);
    my $case = main::surroundings($pool, @args);
    $case->{any_order} = $recursive;
    return $case;
}

1;
