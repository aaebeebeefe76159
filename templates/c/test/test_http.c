/* The answers without a network. Run with `make test`: built with the address and undefined behaviour sanitizers. */
#include "http.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static char out[HTTP_ANSWER_MAX];

static bool answers(const char *request, const char *with)
{
    size_t length = http_answer(request, out, sizeof out);
    assert(length == strlen(out));
    return strstr(out, with) != NULL;
}

static const char *name_in(const char *target, size_t size)
{
    static char name[256];
    memset(name, 'x', sizeof name);
    http_name(target, name, size);
    assert(strlen(name) < size);
    return name;
}

static void the_page_says_hello(void)
{
    assert(answers("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n"));
    assert(answers("GET / HTTP/1.1\r\n\r\n", "Hello, world!"));
    assert(answers("GET /?name=Ada HTTP/1.1\r\n\r\n", "Hello, Ada!"));
    assert(answers("GET /?lang=en&name=Ada HTTP/1.1\r\n\r\n", "Hello, Ada!"));
}

static void the_length_is_that_of_the_body(void)
{
    size_t length = 0;
    assert(answers("GET / HTTP/1.1\r\n\r\n", "Content-Length: "));
    assert(sscanf(strstr(out, "Content-Length: "), "Content-Length: %zu", &length) == 1);
    assert(strlen(strstr(out, "\r\n\r\n") + 4) == length);
    assert(answers("HEAD / HTTP/1.1\r\n\r\n", "200 OK"));
    assert(strlen(strstr(out, "\r\n\r\n")) == 4);
}

static void a_name_is_text_and_never_markup(void)
{
    assert(strcmp(name_in("/?name=%3Cb%3E%22%26%27", 256), "&lt;b&gt;&quot;&amp;&#39;") == 0);
    assert(strcmp(name_in("/?name=Zo%C3%AB+M", 256), "Zo\xc3\xab M") == 0);
    assert(strcmp(name_in("/?name=a%0d%0ab", 256), "a??b") == 0);
    assert(strcmp(name_in("/?name=100%", 256), "100%") == 0);
    assert(strcmp(name_in("/?name=%4", 256), "%4") == 0);
    assert(strcmp(name_in("/?name=", 256), "world") == 0);
    assert(strcmp(name_in("/?nickname=Ada", 256), "world") == 0);
}

static void a_long_name_is_cut_between_entities(void)
{
    assert(strcmp(name_in("/?name=abcdefgh", 5), "abcd") == 0);
    assert(strcmp(name_in("/?name=ab%26c", 6), "ab") == 0);
}

static void what_is_not_the_page_is_refused(void)
{
    assert(answers("GET /nothing HTTP/1.1\r\n\r\n", "404 Not Found"));
    assert(answers("POST / HTTP/1.1\r\n\r\n", "405 Method Not Allowed"));
    assert(answers("", "400 Bad Request"));
    assert(answers("\x16\x03\x01 hello", "400 Bad Request"));
}

static void a_long_request_does_no_harm(void)
{
    static char request[HTTP_REQUEST_MAX];
    memset(request, 'a', sizeof request - 1);
    memcpy(request, "GET /?name=", 11);
    assert(answers(request, "Hello, aaa"));
    memset(request, 'A', sizeof request - 1);
    assert(answers(request, "400 Bad Request"));
}

int main(void)
{
    the_page_says_hello();
    the_length_is_that_of_the_body();
    a_name_is_text_and_never_markup();
    a_long_name_is_cut_between_entities();
    what_is_not_the_page_is_refused();
    a_long_request_does_no_harm();
    puts("6 tests passed");
}
