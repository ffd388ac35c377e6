# SPDX-License-Identifier: MIT
# Two directories with the same random tree in each: we copy in one, the peer in
# the other, and the trees must be alike afterwards.
package mcopy;
use strict;
use warnings;
no warnings 'recursion';
use Cwd ();
use Socket ();

my $old = 1_000_000_000;    # modification times of the tree; what is new was not kept

my $root = $> == 0;

# entry PATH, DEPTH, TREE -- append something random of that name to the recipe.
sub entry {
    my ($path, $depth, $tree) = @_;
    my $mtime = $old + int rand 1000;
    my @mine = ($root && main::chance(0.06) ? (owner => main::pick([1000, 0], [0, 1000], [1000, 1000])) : (),
        main::chance(0.08) ? (attribute => main::pick('one', 'two')) : ());
    my $roll = rand;
    if ($roll < 0.25 && $depth > 0) {
        push @$tree, { path => $path, type => 'directory', mode => main::pick(0755, 0755, 0700, 0555, 0777, 02755, 01777), mtime => $mtime, @mine };
        entry("$path/" . main::pick(qw(a b c d e)) . $_, $depth - 1, $tree) for 1 .. int rand 4;
    } elsif ($roll < 0.36) {
        push @$tree, { path => $path, type => 'link', target => main::pick('a', 'b', 'c', 'd', 'nowhere', '.', 'dir', 'dir/a', $path =~ s{.*/}{}r, $path =~ m{/} ? ('../a', '../b', '..') : ()) };
    } elsif ($roll < 0.39 && $depth < 2) {    # below: an operand would be waited for
        push @$tree, { path => $path, type => 'fifo', mode => main::pick(0644, 0666, 0600), mtime => $mtime };
    } elsif ($roll < 0.40 && $depth < 2) {
        push @$tree, { path => $path, type => 'socket', mode => 0644, mtime => $mtime };
    } elsif ($roll < 0.47 && (my @files = grep { $_->{type} =~ /^(file|link)$/ } @$tree)) {
        push @$tree, { path => $path, type => 'hard', target => main::pick(@files)->{path} };
    } else {
        my $size = main::pick(0, 1, 10, 300, 4095, 4096, 4097, 70_000);
        push @$tree, { path => $path, type => 'file', content => main::pick('x', "line\n", "\0") x $size,
            mode => main::pick(0644, 0644, 0600, 0755, 0444, 0640, 0666, 0400, 04755, 02755), mtime => $mtime, hole => main::chance(0.1), @mine };
    }
}

my ($set, $get) = (POSIX::uname())[4] eq 'aarch64' ? (6, 9) : (189, 192);    # lsetxattr, lgetxattr

# attribute PATH -- user.test, or nothing.
sub attribute {
    my ($path) = @_;
    my ($name, $value) = ('user.test', "\0" x 16);
    $path = "$path";
    my $len = syscall $get, $path, $name, $value, 16;
    return $len >= 0 ? ' user.test ' . substr $value, 0, $len : '';
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
        } elsif ($it->{type} eq 'socket') {
            socket my $socket, Socket::PF_UNIX(), Socket::SOCK_STREAM(), 0;
            bind $socket, Socket::pack_sockaddr_un($path);
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
        if (my $value = $it->{attribute}) {
            chmod 0700, $it->{path};
            my ($path, $name) = ("$it->{path}", 'user.test');
            syscall $set, $path, $name, "$value", length $value, 0;
        }
        chown $it->{owner}[0], $it->{owner}[1], $it->{path} if $it->{owner};
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
    my $line = sprintf '%s: type %o mode %o owner %d:%d%s', $path, $type, $st[2] & 07777, @st[4, 5],
        attribute($path);
    if (-l _) {
        return "$line links $st[3] time $time to " . readlink($path) . "\n";
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

my @common = qw(-r -r -r -a -a -p -f -n -u -v -v -R -d -P -L -H -l -s -b -x);
my @rare = qw(--archive --recursive --no-clobber --update --verbose --force --rec -Z --context
    --context=any --remove-destination --rem --attributes-only --attr --copy-contents --link
    --symbolic-link --no-dereference --deref --preserve --one-file-system --path
    --strip-trailing-slashes --reflink=auto --reflink=never --sparse=always --sparse=never
    --sparse=auto -S.old -S/x --suffix=.bak --suffix= -S~);
my @attributes = (qw(mode ownership timestamps links xattr all m x a),
    'mode,timestamps', 'own,time', 'm,l');

# option -- one of all that cp has, some more often.
sub option {
    my $roll = rand;
    return main::pick(@common) if $roll < 0.6;
    return main::pick(@rare) if $roll < 0.78;
    return '--' . main::pick('', '', 'no-') . 'preserve=' . main::pick(@attributes) if $roll < 0.89;
    return '--backup' . main::pick('', map { "=$_" } qw(none off numbered t existing nil simple never sim))
        if $roll < 0.95;
    return main::pick('--remove-destination', '--attributes-only', '-f', '-bf', '-rL', '-rH', '-al', '-as', '-rl', '-rs');
}

# wrong -- a whole command line that names no copy.
sub wrong {
    return main::pick(['-y'], [], ['a'], ['--nonsense', 'a', 'b'], ['--re', 'a', 'b'], ['--s', 'a', 'b'],
        ['--preserve=', 'a', 'b'], ['--preserve=a,b', 'a', 'b'], ['--no-p=z', 'a', 'b'], ['--no', 'a', 'b'],
        ['--backup=n', 'a', 'b'], ['--backup=nix', 'a', 'b'], ['-ls', 'a', 'b'], ['-bn', 'a', 'b'],
        ['--preserve=context', 'a', 'b'], ['--pa=3', 'a', 'b'], ['-S'], ['--reflink', '--sparse=never', 'a', 'b'], ['--sparse=a', 'a', 'b'], ['--reflink=x', 'a', 'b'], ['--parents', 'a', 'new'],
        ['-T', 'a', 'b', 'c'], ['-t', 'dir', '-T', 'a'], ['-t', 'dir', '-t', 'dir', 'a'], ['-t', 'dir'])->@*;
}

sub make_case {
    my ($pool) = @_;
    my @tree;
    entry($_, 2, \@tree) for qw(a b c d);
    entry($_, 0, \@tree) for grep { main::chance(0.12) } qw(a~ b~ a.~1~ b.~9~ c.old a.~01~ b.~999~);
    if (main::chance(0.7)) {
        push @tree, { path => 'dir', type => 'directory', mode => 0755, mtime => $old };
        entry("dir/$_", 1, \@tree) for grep { main::chance(0.25) } qw(a b c d a~ b~ a.~3~ c.old);
    }
    # Enough for several processes.
    if (main::chance(0.05) && (my ($dir) = grep { $_->{type} eq 'directory' && $_->{path} !~ m{/} } @tree)) {
        entry("$dir->{path}/many$_", 0, \@tree) for 1 .. 90;
    }
    my @names = map { $_->{path} } grep { $_->{type} ne 'fifo' && $_->{type} ne 'socket' } @tree;
    my @args = map { option() } 1 .. int rand 5;
    push @args, '--parents' if main::chance(0.1);
    my @sources = map { main::chance(0.04) ? main::pick('gone', 'a/gone', '.', '') : main::pick(@names) }
        1 .. 1 + int rand 3;
    $_ = main::pick("$_/", "./$_", $_ =~ s{/}{//}r) for grep { length && main::chance(0.06) } @sources;
    my $target = main::pick('dir', 'dir', 'dir', 'new', 'a', 'b', 'gone/x', './dir/', 'new/', 'a~', main::pick(@names));
    @sources = $sources[0] if $target eq 'new' && main::chance(0.8);
    push @args, '-T' if main::chance(0.06);
    push @args, '-i' if main::chance(0.08);
    if (main::chance(0.12)) {
        push @args, main::chance(0.5) ? ('-t', $target) : ("--target-directory=$target"), @sources;
    } elsif (main::chance(0.05)) {
        push @args, ($sources[0]) x 2;
    } else {
        push @args, @sources, $target;
    }
    @args = wrong() if main::chance(0.02);
    # Its bytes would be waited for.
    @tree = grep { $_->{type} ne 'fifo' } @tree if grep { /^--copy/ } @args;
    my $case = main::surroundings($pool, @args);
    $case->{env}{VERSION_CONTROL} = main::pick('numbered', 'simple', 'none', 'nil', 'no such', '') if main::chance(0.05);
    $case->{env}{SIMPLE_BACKUP_SUFFIX} = main::pick('.s', '', '/') if main::chance(0.05);
    $case->{env}{POSIXLY_CORRECT} = 1 if main::chance(0.03);
    $case->{umask} = main::pick(022, 022, 077, 002, 027);
    # There, cp overwrites what is called as a stray backup.
    my %stray = map { $_ => 1 } strays($case);
    @tree = grep { !$stray{ $_->{path} =~ s{/.*}{}r } } @tree;
    $case->{tree} = [grep { !$_->{target} || $_->{type} ne 'hard' || !$stray{ $_->{target} } } @tree];
    $case->{any_order} = 1;
    # Nothing is read from standard input but answers, and what a stream leaves there is its own.
    $case->{in} = main::chance(0.5) ? { file => 'answers', pipe => 1 } : undef;
    return $case;
}

# backs_up CASE -- the suffixes of the simple backups that the case may make.
sub backs_up {
    my ($case) = @_;
    my @args = @{ $case->{args} };
    return unless grep { /^-[a-zA-Z]*b|^--backup|^-S|^--suf/ } @args;
    my @suffixes = map { /^(?:-S|--suf[a-z]*=)(.*)/ ? $1 : () } @args;
    return grep { length && !m{/} } @suffixes, '~', values %{ $case->{env} || {} };
}

# strays CASE -- what cp 9.1 moves into the present directory for a simple backup in a target
# directory (repaired in 9.2: it took the backup's name for one in the present directory).
sub strays {
    my ($case) = @_;
    my %strays;
    my @args = @{ $case->{args} };
    pop @args unless grep { /^-t|^--target/ } @args;
    for my $suffix (backs_up($case)) {
        $strays{ s{/+$}{}r =~ s{.*/}{}r . $suffix } = 1 for @args;
    }
    return sort keys %strays;
}

# into_directory CASE -- the directory that is copied into, or nothing.
sub into_directory {
    my ($case) = @_;
    my @args = @{ $case->{args} };
    my ($said) = map { $args[$_] eq '-t' ? $args[ $_ + 1 ] : $args[$_] =~ /^--target-directory=(.*)/ ? $1 : () } 0 .. $#args;
    my $dir = $said // $args[-1];
    return defined $dir && -d $dir && !grep({ $_ eq '-T' } @args) ? $dir : undef;
}

# go_home CASE -- put them where they belong.
sub go_home {
    my ($case) = @_;
    my $dir = into_directory($case) // return;
    my $parents = grep { /^--pa/ } @{ $case->{args} };
    my @homes = ($dir, $parents ? map { m{/} ? "$dir/" . s{/+[^/]*/*$}{}r : () } @{ $case->{args} } : ());
    for my $stray (grep { lstat $_ } strays($case)) {
        my $plain = $stray;
        for my $suffix (backs_up($case)) { last if $plain =~ s/\Q$suffix\E$// }
        my ($home) = grep { lstat "$_/$plain" } @homes;
        rename $stray, "$home/$stray" if defined $home && !lstat "$home/$stray";
    }
}

# into_itself RUN -- the copy that was being made inside of what was copied.  How much comes
# before it depends on the order of the entries, and cp takes them by inode number, in which
# the rest of the machine has a say.
sub into_itself {
    my ($run) = @_;
    return '' unless $run->{err} =~ /into itself, \W*?((?:\.\/)*[a-z][^']*?)'/;
    my $path = $1 =~ s{//+}{/}gr =~ s{/\.?$}{}r;
    my $root = Cwd::abs_path('.');
    my $real = Cwd::abs_path($path) // return './' . $path =~ s{^(?:\./)+}{}r;
    return '.' . substr $real, length $root;
}

# set_aside RUN, EXCEPT -- what is said of the files below that copy.
sub set_aside {
    my ($run, $except) = @_;
    my $name = $except =~ s{^\./}{}r;
    for my $text (@$run{qw(out err)}) {
        $text = join '', grep { !m{(?:^|['/ ])(?:\./)?\Q$name\E/|cannot stat|cyclic} || /into itself|File name too long/ }
            $text =~ /(.*\n?)/g;
    }
}

sub compare {
    my ($case, $program, $peer, $tool) = @_;
    my $answers = "y\nn\ny\ny\nn\n";
    my (@runs, @trees);
    my $except = '';
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
        go_home(\%here) if $one eq $peer;
        $except ||= into_itself($runs[-1]);
        push @trees, look('.', {}, $except);
        chdir '../pool' or die "pool: $!\n";
    }
    if ($except) {
        set_aside($_, $except) for @runs;
        s/ links \d+//g for @trees;
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
