// What no collector on nghttp2 can undercut: takes gRPC requests and does nothing with them, or sends the same bytes on.
//
//     limit PORT                         answers each request with success
//     limit PORT SIGNAL TARGET BYTES     joins the messages of requests until there are BYTES, and sends them to port
//                                        TARGET as traces, metrics or logs
//
// At SIGTERM it says how many bytes of bodies it got, which makes it the sink of the other collectors, too.
// Messages of OTLP may be joined by putting one after the other. Nothing is validated, counted, queued or kept: one
// thread, epoll, and a copy of each body as it comes. Answers do not wait for the other side.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define WINDOW (8 << 20)
#define FIELD(name, value) \
    { (uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, sizeof(value) - 1, NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE }

// Bytes that grow: the messages that wait to be sent on.
struct Buffer {
    uint8_t *bytes;
    size_t count, capacity, sent;
};

// A connection to a client (`isServer`) or to the target.
struct Connection {
    int socket;
    nghttp2_session *session;
    uint8_t unsent[256 << 10];
    size_t unsentBegin, unsentEnd;
    bool waitsForRoom;
};

static int poller;
static const char *path = "";
static unsigned long long receivedBytes;
static struct Connection *target;
static struct Buffer pending;
static size_t batchBytes;

static void check(bool isRight, const char *doing) {
    if (isRight) return;
    fprintf(stderr, "limit: while %s: %s\n", doing, strerror(errno));
    exit(1);
}

static void append(struct Buffer *buffer, const uint8_t *bytes, size_t count) {
    if (buffer->count + count > buffer->capacity) {
        buffer->capacity = (buffer->count + count) * 2;
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        check(buffer->bytes != NULL, "making room for a batch");
    }
    memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

// Takes frames together, as many as there is room for.
static bool gather(struct Connection *connection) {
    // No frame is larger than 16 KiB and its head.
    while (connection->unsentEnd + (17 << 10) <= sizeof(connection->unsent)) {
        const uint8_t *frame;
        ssize_t count = nghttp2_session_mem_send(connection->session, &frame);
        if (count <= 0) return count == 0;
        memcpy(connection->unsent + connection->unsentEnd, frame, (size_t)count);
        connection->unsentEnd += (size_t)count;
    }
    return true;
}

// Sends until the session has nothing more or the socket takes nothing more.
static bool flush(struct Connection *connection) {
    for (;;) {
        if (connection->unsentBegin == connection->unsentEnd) {
            connection->unsentBegin = connection->unsentEnd = 0;
            if (!gather(connection)) return false;
            if (connection->unsentEnd == 0) break;
        }
        ssize_t written = write(
            connection->socket, connection->unsent + connection->unsentBegin,
            connection->unsentEnd - connection->unsentBegin);
        if (written < 0 && errno != EAGAIN) return false;
        if (written < 0) break;
        connection->unsentBegin += (size_t)written;
    }
    bool waits = connection->unsentBegin < connection->unsentEnd;
    if (waits != connection->waitsForRoom) {
        struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0), .data.ptr = connection};
        check(epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &event) == 0, "waiting for room");
        connection->waitsForRoom = waits;
    }
    return true;
}

static ssize_t readBatch(
    nghttp2_session *session, int32_t stream, uint8_t *room, size_t size, uint32_t *flags,
    nghttp2_data_source *source, void *user) {
    (void)session, (void)stream, (void)user;
    struct Buffer *batch = source->ptr;
    size_t count = batch->count - batch->sent < size ? batch->count - batch->sent : size;
    memcpy(room, batch->bytes + batch->sent, count);
    batch->sent += count;
    if (batch->sent == batch->count) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)count;
}

static void sendBatch(void) {
    if (pending.count <= 5) return;
    struct Buffer *batch = malloc(sizeof(*batch));
    check(batch != NULL, "making a batch");
    *batch = pending;
    pending = (struct Buffer){0};
    uint32_t length = htonl((uint32_t)(batch->count - 5));
    batch->bytes[0] = 0;
    memcpy(batch->bytes + 1, &length, 4);
    nghttp2_nv fields[] = {
        FIELD(":method", "POST"), FIELD(":scheme", "http"),
        {(uint8_t *)":path", (uint8_t *)path, 5, strlen(path), NGHTTP2_NV_FLAG_NONE},
        FIELD(":authority", "localhost"), FIELD("content-type", "application/grpc"), FIELD("te", "trailers"),
    };
    nghttp2_data_provider body = {.source.ptr = batch, .read_callback = readBatch};
    check(nghttp2_submit_request(target->session, NULL, fields, 6, &body, batch) > 0, "sending a batch");
}

static ssize_t readAnswer(
    nghttp2_session *session, int32_t stream, uint8_t *room, size_t size, uint32_t *flags,
    nghttp2_data_source *source, void *user) {
    (void)size, (void)source, (void)user;
    nghttp2_nv trailers[] = {FIELD("grpc-status", "0")};
    memset(room, 0, 5);
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    nghttp2_submit_trailer(session, stream, trailers, 1);
    return 5;
}

static int frameReceived(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
    struct Connection *connection = user;
    bool isRequest = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
    if (connection == target || !isRequest || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    nghttp2_nv fields[] = {FIELD(":status", "200"), FIELD("content-type", "application/grpc")};
    nghttp2_data_provider body = {.read_callback = readAnswer};
    if (target && pending.count >= batchBytes) sendBatch();
    return nghttp2_submit_response(session, frame->hd.stream_id, fields, 2, &body);
}

static int dataReceived(
    nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count, void *user) {
    (void)flags;
    if (user == target) return 0;
    receivedBytes += count;
    // The prefix of a message stands at the begin of the first chunk of its stream.
    void *isKnown = nghttp2_session_get_stream_user_data(session, stream);
    size_t prefix = isKnown || count < 5 ? 0 : 5;
    if (!isKnown) nghttp2_session_set_stream_user_data(session, stream, &poller);
    if (pending.count == 0) append(&pending, (const uint8_t *)"\0\0\0\0\0", 5);
    append(&pending, bytes + prefix, count - prefix);
    if (!target) pending.count = 0;
    return 0;
}

static int streamClosed(nghttp2_session *session, int32_t stream, uint32_t error, void *user) {
    if (user != target) return 0;
    if (error) fprintf(stderr, "limit: the target ended a stream with %u\n", error);
    struct Buffer *batch = nghttp2_session_get_stream_user_data(session, stream);
    if (batch) free(batch->bytes);
    free(batch);
    return 0;
}

static struct Connection *open_connection(int socket, bool isServer) {
    static nghttp2_session_callbacks *callbacks;
    if (!callbacks) {
        check(nghttp2_session_callbacks_new(&callbacks) == 0, "making callbacks");
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceived);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataReceived);
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamClosed);
    }
    int yes = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    struct Connection *connection = calloc(1, sizeof(*connection));
    check(connection != NULL, "making a connection");
    connection->socket = socket;
    int made = isServer ? nghttp2_session_server_new(&connection->session, callbacks, connection)
                        : nghttp2_session_client_new(&connection->session, callbacks, connection);
    check(made == 0, "making a session");
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW}, {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 256}};
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, WINDOW);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    check(epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event) == 0, "watching a connection");
    return connection;
}

static bool receive(struct Connection *connection) {
    static uint8_t room[256 << 10];
    ssize_t count = read(connection->socket, room, sizeof(room));
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    return nghttp2_session_mem_recv(connection->session, room, (size_t)count) >= 0;
}

static void closeConnection(struct Connection *connection) {
    close(connection->socket);
    nghttp2_session_del(connection->session);
    free(connection);
}

static void end(int number) {
    (void)number;
    char text[32];
    int count = snprintf(text, sizeof(text), "%llu\n", receivedBytes);
    _exit(write(STDOUT_FILENO, text, (size_t)count) == count ? 0 : 1);
}

static const char *pathOf(const char *signal) {
    if (!strcmp(signal, "metrics")) return "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    if (!strcmp(signal, "logs")) return "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
    return "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
}

int main(int count, char **arguments) {
    check(count == 2 || count == 5, "reading the arguments: limit PORT [SIGNAL TARGET BYTES]");
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, end);
    poller = epoll_create1(0);
    int listener = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)atoi(arguments[1]))};
    if (count == 5) {
        path = pathOf(arguments[2]);
        batchBytes = strtoul(arguments[4], NULL, 10);
        struct sockaddr_in other = address;
        other.sin_port = htons((uint16_t)atoi(arguments[3]));
        int socketOfTarget = socket(AF_INET, SOCK_STREAM, 0);
        check(connect(socketOfTarget, (struct sockaddr *)&other, sizeof(other)) == 0, "connecting to the target");
        check(fcntl(socketOfTarget, F_SETFL, O_NONBLOCK) == 0, "preparing the connection to the target");
        target = open_connection(socketOfTarget, false);
        check(flush(target), "greeting the target");
    }
    check(bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(listener, 128) == 0, "listening");
    struct epoll_event listening = {.events = EPOLLIN, .data.ptr = NULL}, ready[64];
    check(epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening) == 0, "watching the listener");
    for (;;) {
        // Two tenths of a second without anything to do end a batch, as the timeout of the collectors does.
        int events = epoll_wait(poller, ready, 64, 200);
        if (events == 0 && target) sendBatch();
        for (int index = 0; index < events; index++) {
            struct Connection *connection = ready[index].data.ptr;
            if (!connection) {
                int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (client >= 0) connection = open_connection(client, true);
                if (client >= 0 && !flush(connection)) closeConnection(connection);
                continue;
            }
            bool isOpen = !(ready[index].events & EPOLLIN) || receive(connection);
            if (isOpen) isOpen = flush(connection);
            check(isOpen || connection != target, "sending to the target");
            if (!isOpen) closeConnection(connection);
        }
        if (target) check(flush(target), "sending to the target");
    }
}
