# SPDX-License-Identifier: MIT
# What mgrep's cases want in the pool besides: lists of patterns, letters of odd
# case, a line longer than grep's buffer, a hole, and a tree to search below.
package mgrep;
use strict;
use warnings;

my @odd = ('İstanbul', 'ısı', 'is', 'IS', 'ſo', 'so', 'SO', 'K', 'k', 'K', 'ß', 'ẞ', 'SS', 'Σς',
    'ΣΣ', 'σσ', 'Džin', 'džin', 'DŽIN', 'µm', 'μm', 'ΜM', 'Å', 'å', 'Ω', 'ω', 'ÿ', 'Ÿ', 'ff', '𐐀',
    '𐐨', 'é', 'É', "e\xcc\x81");
my @marks = split //, '.*[]^$\\(){}+?|-/_:%"';

sub put {
    my ($pool, $name, $bytes) = @_;
    open my $file, '>:raw', $name or die "$name: $!\n";
    print $file $bytes;
    close $file or die "$name: $!\n";
    return if $name =~ m{/};
    $pool->{files}{$name} = $bytes;
}

sub two { return main::pick(@_) . main::pick(@_) }
sub joined { return join main::pick(' ', '', ':'), @_ }

# furnish POOL -- add the files.  The rare ones cost more than others.
sub furnish {
    my ($pool) = @_;
    my %files = (
        odd   => join("\n", map { joined(main::some(5, @odd)) } 1 .. 12) . "\n",
        marks => join("\n", map { join '', main::some(6, @marks, 'a', 'b') } 1 .. 12) . "\n",
        nuls  => join("\0", map { main::line() } 1 .. 12),
        mixed => main::sprinkle(main::lines(12), 3, "\xff", "\xc3", "\r", "a\xff\n\xffb\n"),
        stray => "\xc0\x80\nfoo\xfe\nb\xf0\x9f\n",
    );
    put($pool, $_, $files{$_}) for sort keys %files;
    my %lists = (
        p_one   => "foo\n",
        p_many  => join('', map { two('foo', 'a', 'bar', 'é', 'zz', 'b', '') . "\n" } 1 .. 40),
        p_words => join('', map { two('a' .. 'g') . two('a' .. 'g', 'é') . "\n" } 1 .. 3000),
        p_empty => "foo\n\nbar\n",
        p_e     => join("\n", map { expression(1, 'E') } 1 .. 5),
        p_g     => join("\n", map { expression(1, 'G') } 1 .. 5),
        p_nul   => "a\0b\nfoo\n",
        p_wrong => "a\n[\n(\nb\\{1\n",
        globs   => "*.c\n\nt* \nsub\n",
    );
    put($pool, $_, $lists{$_}) for sort keys %lists;
    push @{ $pool->{small} }, sort keys %files;
    my $long = '';
    $long .= main::line() . ' ' while length $long < 130_000;
    put($pool, 'wide', "a\n$long\nfoo\n");
    open my $hole, '>:raw', 'hole' or die "hole: $!\n";
    print $hole "foo\nbar\n";
    # In a longer hole grep passes over its buffers that are nothing but NUL bytes.
    seek $hole, 60_000, 0;
    print $hole "\nfoo\n";
    close $hole or die "hole: $!\n";
    mkdir $_ for 'tree', 'tree/sub', 'tree/sub/deep', 'tree/.d';
    put($pool, "tree/$_", main::lines(4))
        for 'a.c', 'b.h', 'x', 'sub/a.c', 'sub/t1', 'sub/deep/y.c', '.d/a.h';
    put($pool, 'tree/sub/bin', "foo\0bar\na\n");
    symlink '../t0', 'tree/link';
    symlink 'gone', 'tree/dangling';
    symlink '..', 'tree/sub/loop';
    symlink 'sub', 'tree/loop';
}

# patterns_files KIND -- lists of patterns of that syntax, and what may pass for one.
sub patterns_files {
    my ($kind) = @_;
    return ('e', 'n', 'p_one', 'p_empty', 'one', 't1', 'odd', 'p_many', 'p_words', '-', 'p_nul',
        $kind eq 'E' ? ('p_e', 'p_e', 'p_wrong') : $kind eq 'G' ? ('p_g', 'p_g', 'p_wrong') : ());
}

1;
