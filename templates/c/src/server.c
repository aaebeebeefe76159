/* One connection after the other: read a request head, write the answer, close. */
#define _POSIX_C_SOURCE 200809L

#include "http.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int listen_on(unsigned short port)
{
    int yes = 1;
    /* all addresses: a forwarded port does not arrive on the box's loopback */
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (server < 0 || setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) < 0 ||
        bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 64) < 0) {
        perror("listen");
        exit(EXIT_FAILURE);
    }
    return server;
}

/* Read until the empty line that ends a request head; the text read, zero-terminated. */
static void read_head(int client, char *request, size_t size)
{
    size_t length = 0;
    request[0] = '\0';
    while (length < size - 1 && strstr(request, "\r\n\r\n") == NULL) {
        ssize_t got = read(client, request + length, size - 1 - length);
        if (got <= 0)
            return;
        length += (size_t)got;
        request[length] = '\0';
    }
}

static void write_all(int client, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t sent = write(client, text, length);
        if (sent <= 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}

int main(void)
{
    const char *wanted = getenv("PORT");
    long port = strtol(wanted != NULL ? wanted : "8080", NULL, 10);
    if (port < 1 || port > 65535) {
        fprintf(stderr, "PORT is not a port: %s\n", wanted);
        return EXIT_FAILURE;
    }
    /* a client that goes away early is no reason to end */
    signal(SIGPIPE, SIG_IGN);
    int server = listen_on((unsigned short)port);
    fprintf(stderr, "listening on port %ld\n", port);
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0)
            continue;
        /* a client that says nothing keeps the others waiting for two seconds, not for ever */
        struct timeval patience = {.tv_sec = 2};
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        static char request[HTTP_REQUEST_MAX], text[HTTP_ANSWER_MAX];
        read_head(client, request, sizeof request);
        write_all(client, text, http_answer(request, text, sizeof text));
        close(client);
    }
}
