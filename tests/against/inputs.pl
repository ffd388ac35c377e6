# SPDX-License-Identifier: MIT
# The pool: files that all cases of a seed share, in a directory of their own.
#
# Names say what is in them: t* lines of words, b* with NUL bytes, u* with bytes
# that are no UTF-8, p* around a page, w* around a window (--large), v* variants
# of t0 for comparing, e empty, n one newline, d a directory, l a link to t0.

use strict;
use warnings;
use File::Temp ();

my $page = 4096;
my $window = 32 << 20;
my @words = ('a', 'b', 'ab', 'abc', 'foo', 'bar', 'foobar', 'Foo', 'BAR', 'x1', '42', 'é', 'É',
    'naïve', 'a.b', 'a*b', '(x)', '[y]', 'a_b', '-n', "\t", '  ', 'ß', 'ſ', 'K', '日本', '');

sub chance { return rand() < $_[0] }
sub pick { return $_[int rand @_] }

# some LIMIT, LIST -- up to LIMIT of the list, with repetition.
sub some {
    my ($limit, @list) = @_;
    return map { pick(@list) } 1 .. int rand($limit + 1);
}

sub line {
    return join pick(' ', '', ' ', ':'), some(6, @words);
}

# lines COUNT -- that many lines of words; the last one with or without its newline.
sub lines {
    my $text = join '', map { line() . "\n" } 1 .. $_[0];
    chop $text if chance(0.3);
    return $text;
}

# of_length LENGTH -- lines cut to exactly that many bytes.
sub of_length {
    my ($length) = @_;
    my $text = '';
    $text .= lines(200) . "\n" while length $text < $length && length $text < 100_000;
    $text x= 1 + int($length / length $text);
    return substr $text, 0, $length;
}

sub sprinkle {
    my ($text, $count, @bytes) = @_;
    substr($text, int rand(1 + length $text), 0) = pick(@bytes) for 1 .. $count;
    return $text;
}

# variant TEXT -- a copy with a byte changed, or cut, or longer.
sub variant {
    my ($text) = @_;
    my $at = int rand(length($text) || 1);
    my $how = int rand 5;
    return $text if $how == 0;
    return substr $text, 0, $at if $how == 1;
    return $text . lines(1) if $how == 2;
    substr($text, int rand(length($text) || 1), 1) = chr int rand 256 for 1 .. ($how == 3 ? 1 : 20);
    return $text;
}

# make_pool SEED, LARGE -- write the files; the present directory is theirs from now on.
sub make_pool {
    my ($seed, $large) = @_;
    my $path = File::Temp::tempdir('against-XXXXXX', TMPDIR => 1);
    (mkdir "$path/pool") && (chdir "$path/pool") or die "$path: $!\n";
    srand $seed;
    my %files = (e => '', n => "\n", nn => "\n\n\n\n", one => 'x');
    $files{"t$_"} = lines(1 + int rand 30) for 0 .. 5;
    $files{"blank$_"} = join '', map { pick("\n", "\n", lines(1)) } 1 .. 20 for 0 .. 1;
    $files{"b$_"} = sprinkle(lines(8), 1 + $_, "\0", "\0\n", "\x01\x7f") for 0 .. 2;
    $files{"u$_"} = sprinkle(lines(8), 1 + $_, "\xff", "\xc3", "\xe2\x82", "\x80") for 0 .. 2;
    $files{'crlf'} = join '', map { line() . "\r\n" } 1 .. 8;
    $files{'every'} = join '', map { chr } 0 .. 255;
    $files{'p' . ($_ + 1)} = of_length($page + $_) for -1 .. 1;
    $files{'long'} = of_length(200_000);
    $files{"v$_"} = variant($files{t0}) for 0 .. 7;
    $files{"vp$_"} = variant($files{p1}) for 0 .. 3;
    if ($large) {
        $files{'w' . ($_ + 1)} = of_length($window + $_) for -1 .. 1;
        $files{"vw$_"} = variant($files{w1}) for 0 .. 1;
    }
    for my $name (sort keys %files) {
        open my $file, '>:raw', $name or die "$name: $!\n";
        print $file $files{$name};
        close $file or die "$name: $!\n";
    }
    mkdir 'd';
    symlink 't0', 'l';
    # The large ones are rare: they take as long as a hundred others.
    my @small = grep { !/^v?w\d/ } sort keys %files;
    return { path => $path, files => \%files, small => \@small,
        large => [grep { /^v?w\d/ } sort keys %files] };
}

# clear PATH -- remove it, however deep: a directory in it is first moved beside PATH.
sub clear {
    my ($path) = @_;
    my ($number, @left) = (0, $path);
    while (defined(my $next = pop @left)) {
        unlink($next), next unless -d $next && !-l $next;
        chmod 0700, $next;
        opendir my $dir, $next or next;
        for my $name (grep { !/^\.\.?$/ } readdir $dir) {
            if (-d "$next/$name" && !-l "$next/$name") {
                chmod 0700, "$next/$name";
                push @left, "$path." . $number++;
                rename "$next/$name", $left[-1];
            } else {
                unlink "$next/$name";
            }
        }
        rmdir $next;
    }
}

sub remove_pool {
    my ($pool) = @_;
    chdir '/';
    clear($pool->{path});
}

# file POOL -- the name of a regular file of the pool.
sub file {
    my ($pool) = @_;
    return pick(@{ $pool->{large} }) if @{ $pool->{large} } && chance(0.02);
    return pick(@{ $pool->{small} });
}

# operands POOL, LIMIT -- names to give a tool: mostly files, at times trouble.
sub operands {
    my ($pool, $limit) = @_;
    return map { chance(0.1) ? pick('gone', 'd', '-', 'l', 'd/gone', 't0/x') : file($pool) }
        1 .. int rand($limit + 1);
}

# surroundings POOL, ARGUMENTS -- a case: these arguments, and a random locale, input and output.
sub surroundings {
    my ($pool, @args) = @_;
    my $case = { args => \@args, locale => pick('C', 'C.UTF-8'), into_file => chance(0.3) };
    if (chance(0.6)) {
        my $name = file($pool);
        my $length = length $pool->{files}{$name};
        $case->{in} = { file => $name };
        if (chance(0.5)) {
            $case->{in}{pipe} = 1;
        } else {
            $case->{in}{offset} = pick(0, 0, 1, int rand($length + 1), $length, $length + 5);
        }
    }
    return $case;
}

1;
