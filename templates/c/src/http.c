#include "http.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char PAGE[] =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>@NAME@</title>\n"
    "<style>body { font: 1.2rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem }</style>\n"
    "<h1>Hello, %s!</h1>\n"
    "<p>This is <b>@NAME@</b>. Greet somebody else: <a href=\"/?name=Ada\">/?name=Ada</a></p>\n";

static int hex(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

/* Take one character of a query off *from: plain, + for a space, or %XX. */
static char decoded(const char **from)
{
    char next = *(*from)++;
    if (next == '+')
        return ' ';
    if (next == '%' && hex((*from)[0]) >= 0 && hex((*from)[1]) >= 0) {
        next = (char)(hex((*from)[0]) * 16 + hex((*from)[1]));
        *from += 2;
    }
    return next;
}

/* What HTML would read as markup is written as an entity; control characters are not written. */
static const char *entity(char plain, char buffer[2])
{
    switch (plain) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default:
        buffer[0] = (unsigned char)plain < ' ' ? '?' : plain;
        buffer[1] = '\0';
        return buffer;
    }
}

void http_name(const char *target, char *out, size_t size)
{
    const char *query = strchr(target, '?');
    while (query != NULL && strncmp(query + 1, "name=", 5) != 0)
        query = strchr(query + 1, '&');
    const char *from = query == NULL ? "" : query + 6;
    size_t length = 0;
    while (*from != '\0' && *from != '&' && *from != ' ') {
        char buffer[2];
        const char *text = entity(decoded(&from), buffer);
        if (length + strlen(text) >= size)
            break;
        memcpy(out + length, text, strlen(text));
        length += strlen(text);
    }
    out[length] = '\0';
    if (length == 0)
        snprintf(out, size, "world");
}

static size_t answer(char *out, size_t size, const char *status, const char *type, const char *body, bool head_only)
{
    int length = snprintf(out, size,
                          "HTTP/1.1 %s\r\nContent-Type: %s; charset=utf-8\r\nContent-Length: %zu\r\n"
                          "Connection: close\r\n\r\n%s",
                          status, type, strlen(body), head_only ? "" : body);
    if (length < 0)
        return 0;
    return (size_t)length < size ? (size_t)length : size - 1;
}

size_t http_answer(const char *request, char *out, size_t size)
{
    char method[8], target[1024], body[sizeof PAGE + HTTP_NAME_MAX], name[HTTP_NAME_MAX];
    if (sscanf(request, "%7[A-Z]%*1[ ]%1023[^ \r\n]", method, target) != 2)
        return answer(out, size, "400 Bad Request", "text/plain", "That is not HTTP.\n", false);
    bool head_only = strcmp(method, "HEAD") == 0;
    if (strcmp(method, "GET") != 0 && !head_only)
        return answer(out, size, "405 Method Not Allowed", "text/plain", "This page can only be read.\n", false);
    if (target[strcspn(target, "?")] == '\0' ? strcmp(target, "/") != 0 : strncmp(target, "/?", 2) != 0)
        return answer(out, size, "404 Not Found", "text/plain", "There is nothing here.\n", head_only);
    http_name(target, name, sizeof name);
    snprintf(body, sizeof body, PAGE, name);
    return answer(out, size, "200 OK", "text/html", body, head_only);
}
