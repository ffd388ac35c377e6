# SPDX-License-Identifier: MIT
# One run of one program, and two runs compared.

use strict;
use warnings;
use Fcntl qw(:DEFAULT :seek);
use POSIX qw(SIGALRM);

my $limit = 30;    # seconds, then the run ends by SIGALRM

sub slurp {
    my ($name) = @_;
    open my $file, '<:raw', $name or die "$name: $!\n";
    local $/;
    return scalar(<$file>) // '';
}

# open_input CASE -- standard input as the case wants it, and the pid of a writer.
sub open_input {
    my ($case) = @_;
    my $in = $case->{in};
    if (!$in || !$in->{pipe}) {
        sysopen my $file, $in ? $in->{file} : '/dev/null', O_RDONLY or die "$in->{file}: $!\n";
        sysseek $file, $in->{offset}, SEEK_SET if $in && $in->{offset};
        return ($file, 0);
    }
    pipe my $read, my $write or die "pipe: $!\n";
    my $bytes = slurp($in->{file});
    my $writer = 0;
    # What fits in the pipe needs nobody to wait with the rest.
    if (length $bytes <= 65536) {
        syswrite $write, $bytes;
    } elsif (!($writer = fork // die "fork: $!\n")) {
        close $read;
        for (my $at = 0; $at < length $bytes;) {
            $at += syswrite($write, $bytes, 1 << 16, $at) // POSIX::_exit(0);
        }
        POSIX::_exit(0);
    }
    close $write;
    return ($read, $writer);
}

# execute CASE, PROGRAM, NAME, SCRATCH, WITH... -- run it as NAME in the present directory,
# with the arguments WITH before those of the case.
# Returns { status, out, err, left }: left is where standard input stands.
sub execute {
    my ($case, $program, $name, $scratch, @with) = @_;
    my ($input, $writer) = open_input($case);
    my ($read, $output);
    if ($case->{into_file}) {
        sysopen $output, "$scratch/out", O_RDWR | O_CREAT | O_TRUNC or die "out: $!\n";
    } else {
        pipe $read, $output or die "pipe: $!\n";
    }
    sysopen my $errors, "$scratch/err", O_RDWR | O_CREAT | O_TRUNC or die "err: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        POSIX::dup2(fileno $input, 0);
        POSIX::dup2(fileno $output, 1);
        POSIX::dup2(fileno $errors, 2);
        %ENV = (%ENV, %{ $case->{env} || {} }, LC_ALL => $case->{locale});
        umask $case->{umask} if defined $case->{umask};
        alarm $limit;
        exec { $program } $name, @with, @{ $case->{args} } or POSIX::_exit(127);
    }
    my $out = '';
    close $output unless $case->{into_file};
    if ($read) {
        1 while sysread $read, $out, 1 << 20, length $out;
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    my $left = $case->{in} && !$case->{in}{pipe} ? sysseek($input, 0, SEEK_CUR) + 0 : 0;
    close $input;
    waitpid $writer, 0 if $writer;
    $out = slurp("$scratch/out") if $case->{into_file};
    return { status => $status, out => $out, err => slurp("$scratch/err"), left => $left };
}

# plain MESSAGES, NAME... -- without the program's name and typographic quotes.
sub plain {
    my ($text, @names) = @_;
    $text =~ s/\xe2\x80[\x98\x99]/'/g;
    $text =~ s/(?<![A-Za-z])\Q$_\E(?![A-Za-z])/TOOL/g for @names;
    return $text;
}

sub in_order {
    return join "\n", sort split /\n/, $_[0];
}

# differences CASE, OURS, THEIRS, TOOL, PEER -- between two runs, as [what, ours, theirs].
sub differences {
    my ($case, $ours, $theirs, $tool, $peer) = @_;
    my @found;
    # How far the peer came before its time was up says nothing.
    return if $theirs->{status} == 128 + SIGALRM;
    my ($out, $expected) = ($ours->{out}, $theirs->{out});
    my ($err, $said) = map { plain($_->{err}, $tool, $peer) } $ours, $theirs;
    $_ = in_order($_) for $case->{any_order} ? ($out, $expected, $err, $said) : ();
    push @found, ['status', $ours->{status}, $theirs->{status}]
        if $ours->{status} != $theirs->{status};
    push @found, ['standard output', $out, $expected] if $out ne $expected;
    push @found, ['standard error', $err, $said] if $err ne $said;
    push @found, ['offset of standard input', $ours->{left}, $theirs->{left}]
        if $ours->{left} != $theirs->{left};
    return @found;
}

# run_plainly CASE, PROGRAM, TOOL -- run one of the two as TOOL; its messages are plain.
sub run_plainly {
    my ($case, $program, $tool) = @_;
    my $run = execute($case, $program, $tool, '..');
    $run->{err} = plain($run->{err}, $tool, $program =~ m{([^/]+)$});
    return $run;
}

# same_run CASE, OURS, THEIRS, TOOL -- run both programs; what differs.
sub same_run {
    my ($case, $program, $peer, $tool) = @_;
    my ($peer_name) = $peer =~ m{([^/]+)$};
    my $ours = execute($case, $program, $tool, '..', @{ $case->{with} });
    my $theirs = execute($case, $peer, $tool, '..');
    return differences($case, $ours, $theirs, $tool, $peer_name);
}

1;
