/* SPDX-License-Identifier: MIT */
/* mcopy -J: archives unpacked, as other unpackers do; and what must not come out of them. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "archives.h"
#include "harness.h"

/* Names, kinds, modes, sizes, times and links below a directory. */
#define LIST(dir, file)                                                                            \
    "(cd " dir " && find . -mindepth 1 -printf '%P %y %m %n %s %T@ %l\\n' | sort) >" file "; "
/* The same without the times of directories, which a format may not have. */
#define NAMES(dir, file)                                                                           \
    "(cd " dir " && find . -mindepth 1 \\( -type d -printf '%P %m\\n' -o "                         \
    "-printf '%P %y %m %n %s %T@ %l\\n' \\) | sort) >" file "; "
/* Two trees are alike. */
#define ALIKE                                                                                      \
    NAMES("ours", "1") NAMES("theirs", "2") "diff 1 2 && diff -r --no-dereference ours theirs"

static void make_tree(struct sandbox *box)
{
    box_directory(box, "t");
    box_directory(box, "t/d");
    box_fill(box, "t/a", text("first\nsecond\n"));
    box_fill(box, "t/d/b", box_lines(box, 300000));
    box_fill(box, "t/empty", text(""));
    box_fill(box, "t/d/\u00e4", text("first \u00fcber\n"));
    shell(box, "touch -d '2001-02-03 04:05:06' t/a; touch -d '2011-07-06 04:05:06' t/d/b;"
               "chmod 755 t/d/b; chmod 600 t/a");
}

static void every_format_is_unpacked_as_bsdtar_does(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    if (!has_program(box, "bsdtar"))
        skip();
    for (size_t i = 0; i < ARCHIVE_MAKERS; i++) {
        const struct maker *m = &archive_makers[i];
        if (!make(box, m))
            continue;
        shell(box, box_format(box, "mkdir theirs; TZ=America/New_York bsdtar -xpf %s -C theirs",
                              m->file));
        const struct how how = {.environment = (const char *const[]){"TZ=America/New_York", NULL}};
        struct run r = box_run_with(box, &how, "mcopy", "-J", "-rp", "--archive-formats=all",
                                    m->file, "ours", NULL);
        assert_run(&r, 0, "", "");
        shell(box, ALIKE);
        shell(box, "chmod -R u+w ours theirs; rm -r ours theirs");
    }
}

/* All that a tar archive holds. */
static void make_rich_tree(struct sandbox *box)
{
    make_tree(box);
    shell(box, "cd t; ln a d/hard; ln d/b zhard; ln -s ../a d/sym; ln -s /etc out; ln -s none lost;"
               "mkdir d/e ro; mkfifo p; echo in >ro/f; chmod 2755 d/e; chmod 4711 d/b;"
               "touch -h -d 1999-09-09 d/sym; touch -d 1998-01-01 d/e d p; chmod 555 ro");
}

static void modes_times_and_links_are_kept(void **state)
{
    struct sandbox *box = *state;
    make_rich_tree(box);
    static const char *const formats[] = {"gnu", "pax", "ustar"};
    for (size_t i = 0; i < 3; i++) {
        shell(box, box_format(box,
                              "tar --format=%s -cf a.tar -C t .; mkdir theirs;"
                              "tar -xpf a.tar -C theirs",
                              formats[i]));
        struct run r = box_run(box, "mcopy", "-a", "-J", "a.tar", "ours", NULL);
        assert_run(&r, 0, "", "");
        shell(box, LIST("ours", "1") LIST("theirs", "2") "diff 1 2");
        shell(box, "test \"$(stat -c %i ours/a)\" = \"$(stat -c %i ours/d/hard)\"");
        shell(box, "chmod -R u+w ours theirs; rm -r ours theirs");
    }
    shell(box, "chmod u+w t/ro");
}

static void without_p_the_umask_and_the_clock_hold(void **state)
{
    struct sandbox *box = *state;
    make_rich_tree(box);
    shell(box, "tar -cf a.tar -C t .; mkdir theirs; tar -xf a.tar --no-same-permissions"
               " --no-same-owner -C theirs");
    struct run r = box_run(box, "mcopy", "-r", "-J", "a.tar", "ours", NULL);
    assert_run(&r, 0, "", "");
    shell(box,
          "(cd ours && find . -mindepth 1 -not -path ./d/e -printf '%P %m %n %l\\n' | sort) >1;"
          "(cd theirs && find . -mindepth 1 -not -path ./d/e -printf '%P %m %n %l\\n' | sort) >2;"
          "diff 1 2");
    shell(box, "test -z \"$(find ours -type f -not -newer a.tar)\"");
    shell(box, "chmod -R u+w t ours theirs");
}

static void owners_are_kept(void **state)
{
    struct sandbox *box = *state;
    if (geteuid() != 0)
        skip_aloud("only root can give files away");
    make_tree(box);
    shell(box, "chown 123:456 t/a t/d; ln -s a t/l; chown -h 7:8 t/l; chmod 4755 t/a;"
               "tar -cf a.tar -C t .");
    struct run r = box_run(box, "mcopy", "-J", "-rp", "a.tar", "ours", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "/bin/sh", "-c", "stat -c '%n %u:%g %a' ours/a ours/d ours/l ours/empty",
                NULL);
    assert_run(&r, 0,
               "ours/a 123:456 4755\nours/d 123:456 755\nours/l 7:8 777\nours/empty 0:0 644\n", "");
}

static void part_of_an_archive_goes_where_cp_puts_it(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    shell(box, "tar -czf a.tgz -C t a d empty; mkdir into");
    struct run r = box_run(box, "mcopy", "-J", "-r", "a.tgz/d", "new", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "diff -r t/d new");
    r = box_run(box, "mcopy", "-J", "-r", "a.tgz/d/", "a.tgz/a", "into", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "diff -r t/d into/d; cmp t/a into/a");
    r = box_run(box, "mcopy", "-J", "a.tgz/d/b", "b", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "cmp b t/d/b");
    r = box_run(box, "mcopy", "-J", "-t", "into", "a.tgz/empty", "t/a", NULL);
    assert_run(&r, 0, "", "");
    assert_bytes(box_load(box, "into/empty"), text(""));
    r = box_run(box, "mcopy", "-J", "a.tgz/d", "x", NULL);
    assert_run(&r, 1, "", "mcopy: -r not specified; omitting directory 'a.tgz/d'\n");
    r = box_run(box, "mcopy", "-J", "a.tgz/none", "a.tgz/a", "into", NULL);
    assert_run(&r, 1, "", "mcopy: 'a.tgz/none': No such file or directory\n");
    r = box_run(box, "mcopy", "-J", "-r", "a.tgz/d", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot overwrite non-directory 'b' with directory 'a.tgz/d'\n");
    r = box_run(box, "mcopy", "-J", "t/a/none", "b", NULL);
    assert_run(&r, 1, "", "mcopy: cannot stat 't/a/none': Not a directory\n");
}

static void compressed_file_is_its_content(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 3000000));
    box_directory(box, "into");
    for (size_t i = 0; i < FILTER_MAKERS; i++) {
        const struct maker *m = &filter_makers[i];
        if (!make(box, m))
            continue;
        struct run r = box_run(box, "mcopy", "-J", m->file, "g", NULL);
        assert_run(&r, 0, "", "");
        shell(box, "cmp f g");
        r = box_run(box, "mcopy", "-J", "-p", m->file, "into", NULL);
        assert_run(&r, 0, "", "");
        shell(box, box_format(box,
                              "cmp f into/f; test %s -nt into/f -o into/f -nt %s && exit 1;"
                              "rm into/f",
                              m->file, m->file));
    }
    struct run r = box_run(box, "mcopy", "-J", "f.gz", "f.gz", NULL);
    assert_run(&r, 1, "", "mcopy: 'f.gz' and 'f.gz' are the same file\n");
    r = box_run(box, "mcopy", "f.gz", "same", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "cmp f.gz same; gzip -t f.gz");
    r = box_run(box, "mcopy", "-J", "f.gz", "/dev/null", NULL);
    assert_run(&r, 1, "", "mcopy: will not replace special file '/dev/null'\n");
}

static void archive_in_an_archive_is_a_file_unless_named(void **state)
{
    struct sandbox *box = *state;
    make_rich_tree(box);
    shell(
        box,
        "tar -cf t.tar -C t a d zhard; gzip -k t.tar; mkdir u; mv t.tar.gz u/in; tar -cf o.tar u");
    struct run r = box_run(box, "mcopy", "-J", "-r", "o.tar", "ours", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "cmp u/in ours/u/in");
    r = box_run(box, "mcopy", "-J", "-r", "o.tar/u/in/d", "d", NULL);
    assert_run(
        &r, 1, "",
        "mcopy: will not unpack 'o.tar/u/in/d/hard': it is a hard link to 'u/in/a', outside of "
        "what is copied\n");
    shell(box, "cmp t/d/b d/b");
    r = box_run(box, "mcopy", "-J", "--archive-depth=1", "-r", "o.tar/u/in/d", "x", NULL);
    assert_run(&r, 1, "", "mcopy: 'o.tar/u/in/d': No such file or directory\n");
    assert_false(box_exists(box, "x"));
}

static void sparse_member_stays_sparse(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "f", box_lines(box, 100000));
    box_truncate(box, "f", 64 << 20);
    box_append(box, "f", text("the end\n"));
    box_truncate(box, "f", 100 << 20);
    shell(box, "tar -cSf gnu.tar f; tar --format=pax -cSzf pax.tgz f");
    struct stat st;
    if (stat(box_path(box, "f"), &st) != 0 || st.st_blocks > 2048)
        skip_aloud("this file system has no holes");
    for (int i = 0; i < 2; i++) {
        struct run r = box_run(box, "mcopy", "-J", "-r", i ? "gnu.tar" : "pax.tgz", "o", NULL);
        assert_run(&r, 0, "", "");
        shell(box, "cmp f o/f");
        assert_int_equal(stat(box_path(box, "o/f"), &st), 0);
        assert_true(st.st_blocks < 2048);
    }
}

/* ---------------------------------------------------------- hand-made tars */

struct tar {
    unsigned char data[64 * 512];
    size_t len;
};

static void put(struct tar *tar, char type, const char *name, const char *link, const char *content)
{
    unsigned char *h = tar->data + tar->len;
    unsigned sum = 0;
    size_t len = content ? strlen(content) : 0;
    snprintf((char *)h, 100, "%s", name);
    snprintf((char *)h + 100, 8, "%07o", 0644u);
    snprintf((char *)h + 108, 8, "%07o", 0u);
    snprintf((char *)h + 116, 8, "%07o", 0u);
    snprintf((char *)h + 124, 12, "%011o", (unsigned)len);
    snprintf((char *)h + 136, 12, "%011o", 0u);
    memset(h + 148, ' ', 8);
    h[156] = (unsigned char)type;
    snprintf((char *)h + 157, 100, "%s", link ? link : "");
    memcpy(h + 257, "ustar\00000", 8);
    for (int i = 0; i < 512; i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum);
    memcpy(h + 512, content ? content : "", len);
    tar->len += 512 + (len + 511) / 512 * 512;
}

static void save(struct sandbox *box, struct tar *tar, const char *name)
{
    box_fill(box, name, (struct bytes){tar->data, tar->len + 1024});
}

static void nothing_leaves_the_destination(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "out");
    box_directory(box, "dest");
    box_fill(box, "out/victim", text("safe"));
    box_link(box, "../out", "dest/there");
    const char *absolute = box_path(box, "out/victim");
    struct tar *tar = box_keep(box, sizeof *tar);
    memset(tar, 0, sizeof *tar);
    put(tar, '0', "../out/victim", NULL, "evil");
    put(tar, '0', "a/../../out/victim", NULL, "evil");
    put(tar, '0', absolute, NULL, "evil");
    put(tar, '2', "own", "../out", NULL);
    put(tar, '0', "own/victim", NULL, "evil");
    put(tar, '5', "own/dir", NULL, NULL);
    put(tar, '0', "there/victim", NULL, "evil");
    put(tar, '5', "there", NULL, NULL);
    put(tar, '1', "hard1", "../out/victim", NULL);
    put(tar, '1', "hard2", absolute, NULL);
    put(tar, '1', "hard3", "own/victim", NULL);
    put(tar, '3', "device", NULL, NULL);
    put(tar, '2', "file", "../out/victim", NULL);
    put(tar, '0', "file", NULL, "good");
    put(tar, '0', "last", NULL, "last");
    save(box, tar, "x.tar");
    struct run r = box_run(box, "mcopy", "-J", "-rp", "x.tar", "dest", NULL);
    assert_run(
        &r, 1, "",
        box_format(
            box,
            "mcopy: will not unpack 'x.tar/../out/victim': its name leads out of the destination\n"
            "mcopy: will not unpack 'x.tar/a/../../out/victim': its name leads out of the "
            "destination\n"
            "mcopy: will not unpack 'x.tar%s': its name is absolute\n"
            "mcopy: will not unpack 'x.tar/own/victim' through symbolic link 'dest/own'\n"
            "mcopy: will not unpack 'x.tar/own/dir' through symbolic link 'dest/own'\n"
            "mcopy: will not unpack 'x.tar/there/victim' through symbolic link 'dest/there'\n"
            "mcopy: cannot overwrite non-directory 'dest/there' with directory 'x.tar/there'\n"
            "mcopy: will not unpack 'x.tar/hard1': it is a hard link to '../out/victim', outside "
            "of "
            "what is copied\n"
            "mcopy: will not unpack 'x.tar/hard2': it, or what it is a hard link to, has an "
            "absolute name\n"
            "mcopy: will not unpack 'x.tar/hard3' through symbolic link 'dest/own'\n"
            "mcopy: will not unpack 'x.tar/device': it is a device or a socket\n",
            absolute));
    assert_bytes(box_load(box, "out/victim"), text("safe"));
    assert_bytes(box_load(box, "dest/file"), text("good"));
    assert_bytes(box_load(box, "dest/last"), text("last"));
    r = box_run(box, "/bin/sh", "-c", "find out dest -printf '%p %y %n\\n' | LC_ALL=C sort", NULL);
    assert_run(&r, 0,
               "dest d 2\ndest/file f 1\ndest/last f 1\ndest/own l 1\ndest/there l 1\n"
               "out d 2\nout/victim f 1\n",
               "");
}

static void files_with_other_names_are_not_written_through(void **state)
{
    struct sandbox *box = *state;
    box_directory(box, "dest");
    box_fill(box, "outside", text("safe"));
    shell(box, "ln outside dest/x; ln -s ../outside dest/y; echo evil >x; cp x y;"
               "tar -cf x.tar x y; echo x | cpio --quiet -o -H newc >x.cpio");
    struct run r = box_run(box, "mcopy", "-J", "-r", "x.tar", "dest", NULL);
    assert_run(&r, 0, "", "");
    assert_bytes(box_load(box, "outside"), text("safe"));
    assert_bytes(box_load(box, "dest/x"), text("evil\n"));
    assert_bytes(box_load(box, "dest/y"), text("evil\n"));
}

static void bytes_that_come_with_the_last_link_are_all_links(void **state)
{
    struct sandbox *box = *state;
    box_fill(box, "a", text("content\n"));
    shell(box, "ln a b; ln a c; printf 'a\\nb\\nc\\n' | cpio --quiet -o -H newc >x.cpio");
    struct run r = box_run(box, "mcopy", "-J", "-rp", "x.cpio", "o", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "cmp a o/a; cmp a o/b; cmp a o/c; test $(stat -c %h o/b) = 3");
}

static void truncated_archive_leaves_no_half_file(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    static const char *const names[] = {"x.tar", "x.tgz"};
    shell(box, "tar -cf x.tar -C t a d/b; gzip -c x.tar >x.tgz");
    for (int i = 0; i < 2; i++) {
        box_truncate(box, names[i], (off_t)box_load(box, names[i]).len / 2);
        struct run r = box_run(box, "mcopy", "-J", "-r", names[i], "o", NULL);
        assert_int_equal(r.status, 1);
        assert_string_equal(r.out, "");
        if (strncmp(r.err, "mcopy: 'x.t", 11) != 0)
            fail_msg("%s", r.err);
        assert_bytes(box_load(box, "o/a"), text("first\nsecond\n"));
        assert_false(box_exists(box, "o/d/b"));
        shell(box, "test -z \"$(ls -A o/d)\"; rm -r o");
    }
}

static void what_is_there_is_treated_as_asked(void **state)
{
    struct sandbox *box = *state;
    make_tree(box);
    shell(box, "tar -cf x.tar -C t a empty; mkdir o; echo old >o/a; chmod 640 o/a; mkdir o/empty");
    struct run r = box_run(box, "mcopy", "-J", "-rn", "x.tar", "o", NULL);
    assert_run(&r, 0, "", "");
    r = box_run(box, "mcopy", "-J", "-ru", "x.tar/a", "o", NULL);
    assert_run(&r, 0, "", "");
    r = box_run_with(box, &(struct how){.in = text("n\n")}, "mcopy", "-J", "-i", "x.tar/a", "o",
                     NULL);
    assert_run(&r, 0, "", "mcopy: overwrite 'o/a'? ");
    assert_bytes(box_load(box, "o/a"), text("old\n"));
    r = box_run(box, "mcopy", "-J", "-rv", "x.tar", "o", NULL);
    assert_run(&r, 1, "'x.tar/a' -> 'o/a'\n",
               "mcopy: cannot overwrite directory 'o/empty' with non-directory\n");
    assert_bytes(box_load(box, "o/a"), text("first\nsecond\n"));
    shell(box, "test $(stat -c %a o/a) = 640; rmdir o/empty; echo x >o/d; tar -cf x.tar -C t d a");
    r = box_run(box, "mcopy", "-J", "-r", "--remove-destination", "--sync", "x.tar/a", "o", NULL);
    assert_run(&r, 0, "", "");
    shell(box, "test $(stat -c %a o/a) = 600");
    r = box_run(box, "mcopy", "-J", "-r", "--json", "x.tar/d", "o", NULL);
    r.out = "";
    r.out_len = 0;
    assert_run(&r, 1, "",
               "mcopy: cannot overwrite non-directory 'o/d' with directory 'x.tar/d'\n"
               "mcopy: cannot unpack 'x.tar/d/b': 'o/d': Not a directory\n"
               "mcopy: cannot unpack 'x.tar/d/\u00e4': 'o/d': Not a directory\n");
}

static void options_without_a_meaning_are_refused(void **state)
{
    struct sandbox *box = *state;
    static const char *const options[] = {
        "--attributes-only",
        "--backup",
        "--copy-contents",
        "--dereference",
        "-H",
        "--link",
        "--one-file-system",
        "--parents",
        "--preserve=xattr",
        "--reflink=always",
        "--sparse=always",
        "--sparse=never",
        "--symbolic-link",
        "--in-place",
        "--progress",
        "--resume",
        "--verify",
    };
    shell(box, "echo x >x; tar -cf x.tar x");
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct run r = box_run(box, "mcopy", "-J", "-r", options[i], "x.tar", "o", NULL);
        assert_run(&r, 1, "",
                   box_format(box, "mcopy: --archives cannot be used with %s\n", options[i]));
        assert_false(box_exists(box, "o"));
    }
}

int main(int argc, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        TEST(every_format_is_unpacked_as_bsdtar_does),
        TEST(modes_times_and_links_are_kept),
        TEST(without_p_the_umask_and_the_clock_hold),
        TEST(owners_are_kept),
        TEST(part_of_an_archive_goes_where_cp_puts_it),
        TEST(compressed_file_is_its_content),
        TEST(archive_in_an_archive_is_a_file_unless_named),
        TEST(sparse_member_stays_sparse),
        TEST(nothing_leaves_the_destination),
        TEST(files_with_other_names_are_not_written_through),
        TEST(bytes_that_come_with_the_last_link_are_all_links),
        TEST(truncated_archive_leaves_no_half_file),
        TEST(what_is_there_is_treated_as_asked),
        TEST(options_without_a_meaning_are_refused),
    };
    return run_named(argc, argv, tests);
}
