# SPDX-License-Identifier: MIT
# Two directories with the same random tree in each: we copy in one, the peer in
# the other, and the trees must be alike afterwards.
package mcopy;
use strict;
use warnings;

my $old = 1_000_000_000;    # modification times of the tree; what is new was not kept

# entry PATH, DEPTH, TREE -- append something random of that name to the recipe.
sub entry {
    my ($path, $depth, $tree) = @_;
    my $mtime = $old + int rand 1000;
    my $roll = rand;
    if ($roll < 0.25 && $depth > 0) {
        push @$tree, { path => $path, type => 'directory', mode => main::pick(0755, 0755, 0700, 0555, 0777), mtime => $mtime };
        entry("$path/" . main::pick(qw(a b c d e)) . $_, $depth - 1, $tree) for 1 .. int rand 4;
    } elsif ($roll < 0.35) {
        push @$tree, { path => $path, type => 'link', target => main::pick('a', 'b', '../a', 'nowhere', '.') };
    } elsif ($roll < 0.39 && $depth < 2) {    # below: an operand would be waited for
        push @$tree, { path => $path, type => 'fifo', mode => 0644, mtime => $mtime };
    } elsif ($roll < 0.46 && (my @files = grep { $_->{type} eq 'file' } @$tree)) {
        push @$tree, { path => $path, type => 'hard', target => main::pick(@files)->{path} };
    } else {
        my $size = main::pick(0, 1, 10, 300, 4095, 4096, 4097, 70_000);
        push @$tree, { path => $path, type => 'file', content => main::pick('x', "line\n", "\0") x $size,
            mode => main::pick(0644, 0644, 0600, 0755, 0444, 0640, 0666), mtime => $mtime, hole => main::chance(0.1) };
    }
}

# build RECIPE -- in the present directory; directories get their mode and time last.
sub build {
    my ($tree) = @_;
    for my $it (@$tree) {
        my $path = $it->{path};
        if ($it->{type} eq 'directory') {
            mkdir $path, 0700;
        } elsif ($it->{type} eq 'link') {
            symlink $it->{target}, $path;
        } elsif ($it->{type} eq 'hard') {
            link $it->{target}, $path;
        } elsif ($it->{type} eq 'fifo') {
            POSIX::mkfifo($path, $it->{mode});
        } else {
            open my $file, '>:raw', $path or die "$path: $!\n";
            print $file $it->{content};
            seek $file, 1 << 20, 1 if $it->{hole};
            print $file 'end' if $it->{hole};
            close $file;
        }
    }
    for my $it (reverse @$tree) {
        next unless $it->{mtime};
        chmod $it->{mode}, $it->{path};
        utime $it->{mtime}, $it->{mtime}, $it->{path};
    }
}

# look PATH, SEEN, EXCEPT -- the tree as lines of text, without what is below EXCEPT; inodes are
# numbered as they are met.
sub look {
    my ($path, $seen, $except) = @_;
    my @st = lstat $path or return "$path: gone\n";
    my $type = $st[2] >> 12;
    my $number = $seen->{ $st[1] } //= scalar keys %$seen;
    my $time = $st[9] < $old + 2000 ? $st[9] : 'new';
    my $line = sprintf '%s: type %o mode %o owner %d:%d', $path, $type, $st[2] & 07777, @st[4, 5];
    if (-l _) {
        return "$line to " . readlink($path) . "\n";
    } elsif (-d _) {
        opendir my $dir, $path or return "$line unreadable\n";
        my @names = sort grep { !/^\.\.?$/ } readdir $dir;
        @names = () if $path eq $except;
        my $below = join '', map { look("$path/$_", $seen, $except) } @names;
        return ($path eq '.' ? '' : "$line time $time\n") . $below;
    } elsif (-f _) {
        my $content = eval { main::slurp($path) } // 'unreadable';
        my $sparse = $st[12] * 512 < $st[7] ? ' sparse' : '';
        return sprintf "%s inode %d links %d time %s size %d%s sum %s\n", $line, $number, $st[3], $time,
            $st[7], $sparse, unpack '%32C*', $content;
    }
    return "$line time $time\n";
}

my @options = (qw(-r -r -r -a -a -p -f -n -u -v -v -R -rT -ar -pf --archive --recursive --no-clobber
    --update --verbose --force --rec));

sub make_case {
    my ($pool) = @_;
    my @tree;
    entry($_, 2, \@tree) for qw(a b c d);
    push @tree, { path => 'dir', type => 'directory', mode => 0755, mtime => $old } if main::chance(0.7);
    my @names = map { $_->{path} } grep { $_->{type} ne 'fifo' } @tree;
    my @args = main::some(3, @options);
    my @sources = map { main::chance(0.04) ? main::pick('gone', 'a/gone', '.', '') : main::pick(@names) }
        1 .. 1 + int rand 3;
    my $target = main::pick('dir', 'dir', 'dir', 'new', 'a', 'b', 'gone/x', './dir/');
    @sources = $sources[0] if $target eq 'new' && main::chance(0.8);
    push @args, '-T' if main::chance(0.06);
    push @args, '-i' if main::chance(0.08);
    if (main::chance(0.12)) {
        push @args, main::chance(0.5) ? ('-t', $target) : ("--target-directory=$target"), @sources;
    } else {
        push @args, @sources, $target;
    }
    @args = main::pick(['-y'], [], ['a'], ['--nonsense', 'a', 'b'], ['--re', 'a', 'b']) ->@* if main::chance(0.01);
    my $case = main::surroundings($pool, @args);
    $case->{umask} = main::pick(022, 022, 077, 002, 027);
    $case->{tree} = \@tree;
    $case->{any_order} = 1;
    # Nothing is read from standard input but answers, and what a stream leaves there is its own.
    $case->{in} = main::chance(0.5) ? { file => 'answers', pipe => 1 } : undef;
    return $case;
}

# into_itself RUN -- the copy that was being made inside of what was copied.  How much comes
# before it depends on the order of the entries, and cp takes them by inode number, in which
# the rest of the machine has a say.
sub into_itself {
    my ($run) = @_;
    return '' unless $run->{err} =~ /into itself, \W*?((?:\.\/)*[a-z][^']*?)'/;
    return './' . $1 =~ s{//+}{/}gr =~ s{^(?:\./)+}{}r;
}

sub compare {
    my ($case, $program, $peer, $tool) = @_;
    my $answers = "y\nn\ny\ny\nn\n";
    my (@runs, @trees);
    my ($peer_name) = $peer =~ m{([^/]+)$};
    for my $one ($program, $peer) {
        main::clear('../tree');
        (mkdir '../tree') && (chdir '../tree') or die "tree: $!\n";
        build($case->{tree});
        my %here = (%$case, in => $case->{in} && { file => '../pool/answers', pipe => 1 });
        open my $file, '>', '../pool/answers';
        print $file $answers;
        close $file;
        my @with = $one eq $program ? @{ $case->{with} } : ();
        push @runs, main::execute(\%here, $one, $tool, '..', @with);
        push @trees, look('.', {}, into_itself($runs[-1]));
        chdir '../pool' or die "pool: $!\n";
    }
    my @found = main::differences($case, @runs, $tool, $peer_name);
    if ($trees[0] ne $trees[1]) {
        my ($ours, $theirs) = map { { map { $_ => 1 } split /\n/ } } @trees;
        push @found, ['tree', join("\n", grep { !$theirs->{$_} } sort keys %$ours),
            join("\n", grep { !$ours->{$_} } sort keys %$theirs)];
    }
    push @found, ['recipe', recipe($case), 'the same'] if @found;
    return @found;
}

sub recipe {
    my ($case) = @_;
    return join '; ', sprintf('umask %03o', $case->{umask}), map {
        my $it = $_;
        $it->{type} eq 'file' ? sprintf('%s: %d bytes%s, mode %o', $it->{path}, length $it->{content}, $it->{hole} ? ' and a hole' : '', $it->{mode})
      : $it->{target}         ? "$it->{path}: $it->{type} to $it->{target}"
      :                         sprintf('%s: %s, mode %o', $it->{path}, $it->{type}, $it->{mode})
    } @{ $case->{tree} };
}

1;
