#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>

enum { HTTP_REQUEST_MAX = 8192, HTTP_ANSWER_MAX = 4096, HTTP_NAME_MAX = 64 };

/* Write the whole answer to a request head into out and return its length, without the closing zero.
 * request is zero-terminated; size is that of out, HTTP_ANSWER_MAX is always enough. */
size_t http_answer(const char *request, char *out, size_t size);

/* Decode the value of ?name= in a request target into out, markup escaped and cut to fit; "world" if there is none. */
void http_name(const char *target, char *out, size_t size);

#endif
