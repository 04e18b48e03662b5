internal import CNghttp2
internal import NIOCore
internal import Wire

/// One end of an HTTP/2 connection: bytes in, events and bytes out (RFC 9113, by libnghttp2).
///
/// It knows no sockets, clocks or threads: `receive` reads, the observer acts on what was read, `drain`
/// takes out what is to be sent. Confined to one loop. Calls into nghttp2 come back through C functions with
/// `self` as their context, which is sound because `deinit` frees the nghttp2 session first.
final class HTTP2Session {
    /// Which end of the connection this is.
    enum Role {
        case client
        case server
    }

    let role: Role
    let limits: HTTP2Limits
    let budget: BodyBudget
    /// What acts on events.
    ///
    /// It owns the session and calls `close` before it goes, so the reference, which is followed several
    /// times for every request, need not be counted.
    unowned(unsafe) var observer: (any HTTP2SessionObserver)?
    /// The streams that are open, in no order.
    var streams: [HTTP2Stream] = []
    var spareStreams: [HTTP2Stream] = []
    /// The stream whose headers are being read; nghttp2 reads one list at a time.
    var headersStream: HTTP2Stream?
    var pathMemo = StringMemo()
    var authorityMemo = StringMemo()
    var flood = FloodGuard()
    /// Bytes of all streams that have not been given back to the peer as window.
    var unconsumed = 0
    let nameValues = FieldListBuffer()
    /// Whether the connection ends because the peer flooded it.
    var isFlooded = false
    /// What is to be said to the peer before new streams are refused.
    var farewell: Farewell?
    private(set) var handle: OpaquePointer?

    /// Makes a session and queues its first frames (and, as a client, the preface).
    ///
    /// - Throws: `.protocolError` when nghttp2 cannot be set up, which takes being out of memory.
    init(role: Role, limits: HTTP2Limits, budget: BodyBudget) throws(TransportError) {
        self.role = role
        self.limits = limits
        self.budget = budget
        try open()
        try submitSettings()
    }

    deinit {
        observer = nil
        close()
    }

    /// Frees the session and reports every open stream as closed.
    func close() {
        guard let handle else { return }
        self.handle = nil
        nghttp2_session_del(handle)
        while let stream = streams.last { retire(stream, errorCode: HTTP2ErrorCode.cancel) }
    }

    /// The second GOAWAY frame before it is made.
    struct Farewell {
        let errorCode: UInt32
        let reason: String
    }

    /// Reads what came from the peer.
    ///
    /// A failure ends the connection, once `drain` has said why to the peer.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard let handle else { return }
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let read = nghttp2_session_mem_recv(handle, start, bytes.count)
        guard read >= 0 else {
            let reason = String(cString: nghttp2_strerror(Int32(read)))
            throw TransportError(.protocolError, "the peer does not speak HTTP/2 as it should: \(reason)")
        }
    }

    /// Moves frames that are to be sent into `buffer` until there are none or it holds `limit` bytes.
    ///
    /// - Returns: whether there may be more.
    func drain(into buffer: inout ByteBuffer, limit: Int) throws(TransportError) -> Bool {
        guard let handle else { return false }
        submitFarewell()
        var start: UnsafePointer<UInt8>?
        while buffer.readableBytes < limit {
            let length = nghttp2_session_mem_send(handle, &start)
            guard length >= 0 else {
                let reason = String(cString: nghttp2_strerror(Int32(length)))
                throw TransportError(.protocolError, "cannot go on with an HTTP/2 connection: \(reason)")
            }
            guard length > 0, let start else { return false }
            buffer.writeBytes(UnsafeRawBufferPointer(start: start, count: length))
        }
        return true
    }

    /// Whether the session still has a use for the connection.
    var isAlive: Bool {
        guard let handle else { return false }
        return farewell != nil || nghttp2_session_want_read(handle) != 0
            || nghttp2_session_want_write(handle) != 0
    }

    /// The open stream with this number.
    func stream(_ id: Int32) -> HTTP2Stream? {
        guard let handle, let data = nghttp2_session_get_stream_user_data(handle, id) else { return nil }
        return Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue()
    }

    /// A stream object for a stream that begins.
    ///
    /// It stays in `streams`, which is what keeps it alive while nghttp2 has a pointer to it, until `retire`.
    func begin(_ id: Int32) -> HTTP2Stream {
        let stream = spareStreams.popLast() ?? HTTP2Stream()
        stream.id = id
        stream.slot = streams.count
        streams.append(stream)
        return stream
    }

    /// Reports the end of a stream and puts its object back into the pool.
    func retire(_ stream: HTTP2Stream, errorCode: UInt32) {
        let last = streams.removeLast()
        if last !== stream {
            streams[stream.slot] = last
            last.slot = stream.slot
        }
        giveBack(stream)
        observer?.streamClosed(stream, errorCode: errorCode)
        stream.reset(budget: budget)
        if spareStreams.count < limits.maxConcurrentStreams { spareStreams.append(stream) }
    }

    private func open() throws(TransportError) {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&options) == 0 else {
            throw TransportError(.protocolError, "cannot set up an HTTP/2 session: out of memory")
        }
        defer {
            nghttp2_session_callbacks_del(callbacks)
            nghttp2_option_del(options)
        }
        Self.setCallbacks(callbacks)
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        nghttp2_option_set_max_outbound_ack(options, 100)
        nghttp2_option_set_peer_max_concurrent_streams(options, 100)
        let context = Unmanaged.passUnretained(self).toOpaque()
        let result =
            role == .server
            ? nghttp2_session_server_new2(&handle, callbacks, context, options)
            : nghttp2_session_client_new2(&handle, callbacks, context, options)
        guard result == 0 else {
            throw TransportError(.protocolError, "cannot set up an HTTP/2 session: out of memory")
        }
    }

    private func submitSettings() throws(TransportError) {
        typealias Entry = nghttp2_settings_entry
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> Entry {
            Entry(settings_id: Int32(id.rawValue), value: UInt32(clamping: value))
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.maxFrameSize),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.maxHeaderBytes),
        ]
        if role == .server {
            entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams))
        } else {
            entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        let window = Int32(clamping: limits.connectionWindow)
        guard nghttp2_submit_settings(handle, flags, entries, entries.count) == 0,
            nghttp2_session_set_local_window_size(handle, flags, 0, window) == 0
        else { throw TransportError(.protocolError, "cannot set up an HTTP/2 session: bad limits") }
    }
}
