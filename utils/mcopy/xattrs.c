/* SPDX-License-Identifier: MIT */
/* Extended attributes, and the access control lists that are kept in them. */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/message.h"

#include "mcopy/xattrs.h"

static ssize_t get(const struct target *t, const char *name, void *value, size_t size)
{
    return t->fd >= 0 ? fgetxattr(t->fd, name, value, size) : lgetxattr(t->name, name, value, size);
}

static ssize_t list(const struct target *t, char *names, size_t size)
{
    return t->fd >= 0 ? flistxattr(t->fd, names, size) : llistxattr(t->name, names, size);
}

static int set(const struct target *t, const char *name, const void *value, size_t size)
{
    return t->fd >= 0 ? fsetxattr(t->fd, name, value, size, 0)
                      : lsetxattr(t->name, name, value, size, 0);
}

static int drop(const struct target *t, const char *name)
{
    return t->fd >= 0 ? fremovexattr(t->fd, name) : lremovexattr(t->name, name);
}

/*
 * What belongs to the mode, to one file system or to the kernel alone: the names that libattr's
 * xattr.conf, which cp goes by, leaves out.
 */
static bool wanted(const char *name)
{
    static const char *const left_out[] = {
        "system.nfs4_acl",
        "system.nfs4acl",
        "system.posix_acl_access",
        "system.posix_acl_default",
        "trusted.SGI_ACL_DEFAULT",
        "trusted.SGI_ACL_FILE",
        "trusted.SGI_CAP_FILE",
        "trusted.SGI_DMI_*",
        "trusted.SGI_MAC_FILE",
        "xfsroot.*",
        "user.Beagle.*",
        "security.evm",
        "afs.*",
    };
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (fnmatch(left_out[i], name, 0) == 0)
            return false;
    return true;
}

/*
 * Say what went wrong; of what the file system does not know only where it was asked for by
 * name, or nothing else was.
 */
static void complain(const struct options *o, const char *what, const char *attribute,
                     const char *preposition, const char *path, int error)
{
    if (!o->require_xattr && !o->attributes_only &&
        (o->quiet_xattr || error == ENOTSUP || error == ENODATA))
        return;
    if (attribute)
        message("%s %s %s %s: %s", what, quote_always(attribute), preposition, quote_always(path),
                strerror(error));
    else
        message("%s %s %s: %s", what, preposition, quote_always(path), strerror(error));
}

/* The value of one attribute, to be freed; NULL leaves errno saying why there is none. */
static void *load(const struct target *from, const char *name, ssize_t *len)
{
    *len = get(from, name, NULL, 0);
    if (*len < 0)
        return NULL;
    void *value = xmalloc((size_t)*len);
    *len = get(from, name, value, (size_t)*len);
    if (*len >= 0)
        return value;
    int error = errno;
    free(value);
    errno = error;
    return NULL;
}

/* Returns 0 or an errno value that is still to be reported, once for all attributes. */
static int copy_one(const struct options *o, const struct target *from, const struct target *to,
                    const char *name, bool *good)
{
    ssize_t len;
    void *value = load(from, name, &len);
    if (!value) {
        complain(o, "getting attribute", name, "of", from->name, errno);
        *good = false;
        return 0;
    }
    int error = set(to, name, value, (size_t)len) == 0 ? 0 : errno;
    free(value);
    if (error == ENOTSUP || error == ENOSYS)
        return error;
    if (error) {
        complain(o, "setting attribute", name, "for", to->name, error);
        *good = false;
    }
    return 0;
}

bool xattrs_copy(const struct options *options, const struct target *from, const struct target *to)
{
    ssize_t size = list(from, NULL, 0);
    if (size == 0)
        return true;
    char *names = size > 0 ? xmalloc((size_t)size) : NULL;
    if (size > 0)
        size = list(from, names, (size_t)size);
    if (size < 0) {
        int error = errno;
        free(names);
        if (error == ENOTSUP || error == ENOSYS)
            return true;
        complain(options, "listing attributes", NULL, "of", from->name, error);
        return false;
    }
    bool good = true;
    int unknown = 0;
    for (const char *name = names; name < names + size && unknown != ENOSYS;
         name += strlen(name) + 1) {
        int error = wanted(name) ? copy_one(options, from, to, name, &good) : 0;
        unknown = error ? error : unknown;
    }
    free(names);
    if (unknown)
        complain(options, "setting attributes", NULL, "for", to->name, unknown);
    return good && !unknown;
}

static int copy_list(const struct target *from, const struct target *to, const char *name)
{
    ssize_t len;
    void *value = load(from, name, &len);
    if (!value) {
        drop(to, name);
        return 0;
    }
    int error = set(to, name, value, (size_t)len) == 0 ? 0 : -errno;
    free(value);
    return error;
}

int lists_copy(const struct target *from, const struct target *to, bool directory)
{
    int error = copy_list(from, to, "system.posix_acl_access");
    if (!error && directory)
        error = copy_list(from, to, "system.posix_acl_default");
    return error;
}

void lists_remove(const struct target *to, bool directory)
{
    drop(to, "system.posix_acl_access");
    if (directory)
        drop(to, "system.posix_acl_default");
}
