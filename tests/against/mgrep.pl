# SPDX-License-Identifier: MIT
# Patterns come from a grammar over the words that the pool's lines are made of;
# mgrep_files.pl adds files to the pool, and mgrep_options.pl has the options.
package mgrep;
use strict;
use warnings;
use File::Basename qw(dirname);

my $here;
BEGIN { $here = dirname(__FILE__) }
require "$here/mgrep_files.pl";
require "$here/mgrep_options.pl";

my @atoms = ('a', 'b', 'ab', 'foo', 'Foo', 'bar', 'x', '1', '4', 'é', 'ï', ' ', ':', '_', 'K', 's',
    'ß', '本', '-', '/', '"', '%');
# Letters whose other case is longer, shorter, not alone, or not there at all.
my @letters = ('İ', 'ı', 'i', 'I', 'ſ', 's', 'S', 'K', 'k', 'ß', 'ẞ', 'Σ', 'σ', 'ς', 'Dž', 'dž',
    'DŽ', 'µ', 'μ', 'Å', 'å', 'Ω', 'ÿ', 'Ÿ', 'ff', 'ΐ', 'É', 'é', '𐐀', '𐐨');
my @classes = ('[ab]', '[^ab]', '[a-f]', '[[:digit:]]', '[[:alpha:]]', '[^[:space:]]', '[é1]',
    '[[:upper:]]', '[]x]', '[a-]', '[.*]', '[[:punct:]]', '[^]a]', '[[:lower:]]', '[[:alnum:]_]',
    '[[:blank:]]', '[^[:cntrl:]]', '[[:graph:]]', '[^[:print:]]', '[[:xdigit:]-]', '[^é]', '[à-ï]',
    '[a-é]', '[ſK]', '[\\w]', '[a\\]', '[$^]', '[^^]', '[--/]', '[%--]', '[0-9A-F]', '[Σ-ω]');
my @posix_only = ('[[=a=]]', '[[=a=]b]', '[^[=é=]]', '[[.-.]]', '[[.a.]-c]', '[a-[.c.]]', '[[.é.]]',
    '[[=s=][:digit:]]', '[[.-.]/]');
my @strings = ('a.b', 'a*b', '(x)', '[y]', '', 'foobar', 'zzz', 'a_b', '\\');
my @short = ('', '^', '$', '^$', '.*', '.', '^.', 'zzz', '.$', '^.*$', '\\`a', "b\\'", '$^');
my @escapes = ('\\w', '\\W', '\\s', '\\S', '\\b', '\\B', '\\<', '\\>', "\\.", '\\*', '\\[', '\\]',
    '\\^', '\\$', '\\\\', '\\-', '\\/', '\\d', '\\a', '\\%');
my @perl = ('(?=b)', '(?!b)', '(?<=a)', '(?<!o)', '\\d', '\\D+', '(?i)foo', '\\Ba', 'a*?', 'o++',
    '(?>fo*)', 'a\\Kb', '\\h', '\\R', '\\X', '\\N', '\\p{L}', '\\p{Lu}', '\\P{L}', '\\Qa.b\\E',
    '(?x: a b )', '(?s).', '(?m)^a', 'b(?m)$', '\\A', '\\z', '\\Z', '\\x{e9}', '\\xe9', '(?:a|b)+?',
    '(?<n>a)\\k<n>', '(a)(?1)', '(?|a|b)', '[[:^alpha:]]', '\\G', '(?#c)', '\\t', '.*?o',
    '(*ANY)a');
my @wrong = ('[', '[a', '[[:foo:]]', '[:space:]', '[b-a]', '[[.foo.]]', '[[=ab=]]', '(', '(a', 'a)',
    ')', '\\(', '\\(a', 'a\\)', '\\)', 'a{2,1}', 'a\\{2,1\\}', 'a{99999}', 'a\\{1', 'a\\{1a\\}',
    'a{1', 'a{,', 'a\\', '\\', '\\1', '(a)\\2', '\\(a\\)\\2', '*a', '+a', '?', '{1}', '{1}a',
    '(*a)', '(+)', '(|a)', 'a|*b', 'a||b', '()', '(){2}', '\\(*a\\)', '\\(^*a\\)', '^*', '^*ab',
    '^+', '^{2}', '^{1}b', '$*', 'a**', 'a+?', 'a*{2}', 'a\\{1\\}*', '\\{1\\}', '\\{', '\\}', '}',
    '{', '\\<*', '\\b+', '\\b{2}', '$a', 'a^b', 'a\\|', '\\|a', 'a\\|*b', '[^', '[]', '[]a',
    '[A-\\]]', '[[:alpha:]', '(?', '(?<a', '(?P<n>');
my @strays = ("\xff", "\xc3", "\x80", "\xe2\x82", "\xf0\x9f");

sub atom { return main::chance(0.08) ? main::pick(@letters) : main::pick(@atoms) }

# interval KIND -- something that repeats what stands before it.
sub interval {
    my ($kind) = @_;
    my ($left, $right) = $kind eq 'G' ? ('\\{', '\\}') : ('{', '}');
    my ($plus, $maybe) = $kind eq 'G' ? ('\\+', '\\?') : ('+', '?');
    return main::pick('*', '*', $plus, $maybe,
        $left . main::pick('2', '1,3', '0,1', '2,', ',2', '0', '0,0', ',', '1', '3') . $right);
}

# expression DEPTH, KIND -- KIND is G, E or P: what an operator looks like.
sub expression {
    my ($depth, $kind) = @_;
    my ($open, $close, $bar) = $kind eq 'G' ? ('\\(', '\\)', '\\|') : ('(', ')', '|');
    my $text = '';
    for (1 .. 1 + int rand 3) {
        my $roll = rand;
        my $atom =
            $roll < 0.53 ? atom()
          : $roll < 0.63 ? '.'
          : $roll < 0.75 ? main::pick(@classes)
          : $roll < 0.77 ? ($kind eq 'P' ? main::pick(@perl) : main::pick(@posix_only))
          : $roll < 0.86 ? main::pick(@escapes)
          : $depth > 0   ? $open . expression($depth - 1, $kind) . $close
          :                atom();
        $atom .= interval($kind) if main::chance(0.25) && $atom !~ /^\\[bB<>]/;
        $text .= $atom;
    }
    $text .= $bar . expression($depth - 1, $kind) if $depth > 0 && main::chance(0.2);
    return $text;
}

# referring KIND -- an expression with groups and back-references to them.
sub referring {
    my ($kind) = @_;
    my ($open, $close, $bar) = $kind eq 'G' ? ('\\(', '\\)', '\\|') : ('(', ')', '|');
    my @groups = ('a', '.', '[ab]*', 'foo', '\\w', 'o*', ".${bar}fo", 'é', '[[:alpha:]]');
    my ($one, $two) = (main::pick(@groups), main::pick(@groups));
    my $text = main::pick(
        "$open$one$close\\1", "$open$one$close.*\\1", "$open$one$close$open$two$close\\2\\1",
        "$open$one$open$two$close$close\\2", "$open$one$close\\1*", "$open$one$close\\1${bar}b",
        "x*$open$one$close\\1");
    $text = "^$text" if main::chance(0.2);
    $text .= '$' if main::chance(0.2);
    return $text;
}

# pattern KIND -- one line of it; anchored at times, wrong at times.
sub pattern {
    my ($kind) = @_;
    my $roll = rand;
    return main::pick(@strays) . (main::chance(0.5) ? atom() : '') if $roll < 0.005;
    return $roll < 0.9 ? main::pick(@atoms, @strings) : atom() . atom() if $kind eq 'F';
    return main::pick(@short) if $roll < 0.08;
    return main::pick(@wrong) if $roll < 0.10;
    return referring($kind) if $roll < 0.15 && $kind ne 'P';
    return atom() . (main::chance(0.3) ? atom() : '') if $roll < 0.20;
    my $text = expression(2, $kind);
    $text = "^$text" if main::chance(0.12);
    $text .= '$' if main::chance(0.12);
    if ($kind eq 'P') {
        $text =~ s/\\[<>]/\\b/g;
        $text = main::chance(0.5) ? $text . main::pick(@perl) : main::pick(@perl) . $text
            if main::chance(0.3);
        $text =~ s/\((?=[^()?*]*\)$)(.*)$/($1\\1/ if main::chance(0.05);
    }
    return $text;
}

# patterns KIND -- the arguments that say what is looked for, and whether one is an operand.
sub patterns {
    my ($kind) = @_;
    return (main::pick(map { ("-f$_", "--file=$_") } patterns_files($kind)),
        main::chance(0.3) ? ('-e', pattern($kind)) : ()) if main::chance(0.05);
    return map { (main::pick('-e', '-e', '--regexp'), pattern($kind)) } 1 .. 1 + int rand 3
        if main::chance(0.15);
    my $pattern = pattern($kind);
    $pattern .= "\n" . pattern($kind) if main::chance(0.05);
    return $pattern =~ /^-/ ? ('-e', $pattern) : $pattern;
}

sub make_case {
    my ($pool) = @_;
    my $kind = main::pick(qw(G G E E F F P));
    my @args = $kind eq 'G' && main::chance(0.7) ? ()
             : main::chance(0.9)                  ? "-$kind"
             :                                      long_kind($kind);
    push @args, options(), patterns($kind);
    my $tree = main::chance(0.03);
    push @args, $tree ? recursion() : main::operands($pool, 3);
    # So long a line costs too much where a matcher backtracks.
    push @args, 'wide' if $kind ne 'P' && main::chance(0.02)
        && !grep { /\\\d|^-[a-z]*o|^--(on|col)/ } @args;
    push @args, special() if main::chance(0.02);
    push @args, trouble() if main::chance(0.015);
    my $case = main::surroundings($pool, @args);
    $case->{env} = colours() if grep { /^--colou?r/ } @args;
    $case->{env}{POSIXLY_CORRECT} = '1' if main::chance(0.005);
    $case->{locale} = main::pick(locales()) if main::chance(0.3);
    return $case;
}

1;
