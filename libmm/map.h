/* SPDX-License-Identifier: MIT */
/* What the neighbours of a map may know of it. */
#ifndef LIBMM_MAP_H
#define LIBMM_MAP_H

#include <libmm/mm.h>

/*
 * mm__map_range -- the page-aligned range of memory that holds `len` bytes from `off` on;
 * empty for length 0.
 *
 * Returns 0, or -EINVAL for bytes outside of the map.
 */
int mm__map_range(const struct mm_map *map, size_t off, size_t len, unsigned char **start,
                  size_t *size);

/* mm__map_fd -- the file's descriptor, -1 for an anonymous map. */
int mm__map_fd(const struct mm_map *map);

/*
 * mm__map_beside -- mm_map_slide(), but that a small window may be put behind the earlier ones.
 *
 * They stay mapped until there are many, which one call unmaps: many small files take a
 * fifth less time than with each mapped over the one before.
 */
int mm__map_beside(struct mm_map *map, int fd, uint64_t off, size_t len);

#endif
