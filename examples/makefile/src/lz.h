/* A small dictionary compressor with a format of its own.
 *
 * "LGB1", the original length and a check value as variable-length numbers, then steps until that length is reached:
 *   0LLLLLLL  LLLLLLL + 1 literal bytes follow
 *   1LLLLLLL  copy LLLLLLL + 4 bytes (127: plus a variable-length number) from a variable-length distance back
 */
#ifndef LOGBOOK_LZ_H
#define LOGBOOK_LZ_H

#include "text.h"

void lz_pack(struct text *out, const char *bytes, size_t length);

/* False and a fault (at: offset in the packed bytes) for anything lz_pack did not make. */
bool lz_unpack(struct text *out, const char *bytes, size_t length, struct fault *fault);

#endif
