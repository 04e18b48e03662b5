internal import CNghttp2
internal import Glibc
internal import Wire

extension HTTP2Session {
    private static let noFlags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
    private static let statusOK: HTTPFields = [":status": "200"]

    /// Queues an answer.
    ///
    /// Once it is sent the rest of the request, if there is any, is called off.
    func submitResponse(
        _ stream: HTTP2Stream, status: Int, fields: HTTPFields, body: [Bytes], trailers: HTTPFields?
    ) {
        guard let handle, !stream.responseSubmitted else { return }
        stream.responseSubmitted = true
        let pseudo = status == 200 ? Self.statusOK : [":status": String(status)]
        var source = prepare(stream, body: body, trailers: trailers)
        let result = nameValues.submit(pseudo: pseudo, fields) { list, count in
            if stream.hasOutgoing {
                nghttp2_submit_response(handle, stream.id, list, count, &source)
            } else {
                nghttp2_submit_response(handle, stream.id, list, count, nil)
            }
        }
        // It can fail only for want of memory, or because the answer itself is not valid HTTP.
        if result != 0 { reset(stream, errorCode: HTTP2ErrorCode.internalError) }
    }

    /// Queues the head of an answer whose body follows with `extend`.
    func submitStream(_ stream: HTTP2Stream, _ response: ServerResponse) {
        guard !stream.responseSubmitted else { return }
        stream.isOpenEnded = true
        submitResponse(
            stream, status: response.status, fields: response.fields, body: [],
            trailers: response.trailers)
    }

    /// Adds to the body of an answer that has begun; `nil` ends it.
    func extend(_ stream: HTTP2Stream, _ part: Bytes?) {
        guard let handle, stream.isOpenEnded else { return }
        if let part { stream.appendOutgoing(part) } else { stream.isOpenEnded = false }
        // It says no when the body waits for nothing, which is as well.
        nghttp2_session_resume_data(handle, stream.id)
    }

    /// Queues a request.
    ///
    /// - Returns: its stream, or nil when the connection can take no more requests.
    func submitRequest(_ request: HTTP2Request) -> HTTP2Stream? {
        guard let handle else { return nil }
        let stream = begin(0)
        var source = prepare(stream, body: request.body, trailers: nil)
        let pseudo: HTTPFields = [
            ":method": request.method, ":scheme": request.scheme, ":authority": request.authority,
            ":path": request.path,
        ]
        let data = Unmanaged.passUnretained(stream).toOpaque()
        let id = nameValues.submit(pseudo: pseudo, request.fields) { list, count in
            if stream.hasOutgoing {
                nghttp2_submit_request(handle, nil, list, count, &source, data)
            } else {
                nghttp2_submit_request(handle, nil, list, count, nil, data)
            }
        }
        guard id > 0 else {
            retire(stream, errorCode: HTTP2ErrorCode.refusedStream)
            return nil
        }
        stream.id = id
        return stream
    }

    /// Ends a stream at once.
    func reset(_ stream: HTTP2Stream, errorCode: UInt32) {
        guard let handle else { return }
        nghttp2_submit_rst_stream(handle, Self.noFlags, stream.id, errorCode)
    }

    /// Queues a ping.
    func ping() {
        guard let handle else { return }
        nghttp2_submit_ping(handle, Self.noFlags, nil)
    }

    /// Tells the peer that soon no new streams will be taken (the first of the two GOAWAY frames).
    func announceShutdown() {
        guard let handle else { return }
        nghttp2_submit_shutdown_notice(handle)
    }

    /// Tells the peer which stream was the last one that is processed (the second GOAWAY frame).
    ///
    /// The frame is made when it is sent: a stream that begins between now and then is processed, so the
    /// frame has to name it, or the peer would send the same request again over another connection.
    func refuseNewStreams(errorCode: UInt32 = HTTP2ErrorCode.noError, reason: String = "") {
        farewell = Farewell(errorCode: errorCode, reason: reason)
    }

    /// Queues the second GOAWAY frame, if the peer is to get it.
    func submitFarewell() {
        guard let handle, let farewell else { return }
        self.farewell = nil
        var reason = farewell.reason
        let errorCode = farewell.errorCode
        reason.withUTF8 { text in
            let last = nghttp2_session_get_last_proc_stream_id(handle)
            nghttp2_submit_goaway(handle, Self.noFlags, last, errorCode, text.baseAddress, text.count)
        }
    }

    /// How many streams the peer allows at a time.
    var peerMaxConcurrentStreams: Int {
        guard let handle else { return 0 }
        return Int(nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    func frameSent(_ frame: UnsafePointer<nghttp2_frame>) {
        guard role == .server else { return }
        let header = frame.pointee.hd
        let type = nghttp2_frame_type(UInt32(header.type))
        guard type == NGHTTP2_HEADERS || type == NGHTTP2_DATA,
            UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0,
            let stream = stream(header.stream_id), !stream.receivedEnd
        else { return }
        stream.isAnswered = true
        callOffRequest(stream)
    }

    /// Tells a client that has its answer to send no more of the request (RFC 9113 section 8.1).
    ///
    /// Only when it goes on for long: some clients that are reset before they have read the answer report
    /// the reset instead of the answer.
    func callOffRequest(_ stream: HTTP2Stream) {
        guard stream.isAnswered, stream.discarded > limits.streamWindow else { return }
        stream.isAnswered = false
        reset(stream, errorCode: HTTP2ErrorCode.noError)
    }

    func frameNotSent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        guard nghttp2_frame_type(UInt32(header.type)) == NGHTTP2_HEADERS else { return }
        // nghttp2 knows nothing of a stream whose first frame it could not send, so nothing closes it.
        guard stream(header.stream_id) == nil || role == .client,
            let stream = streams.first(where: { $0.id == header.stream_id })
        else { return }
        nghttp2_session_set_stream_user_data(handle, stream.id, nil)
        retire(stream, errorCode: HTTP2ErrorCode.refusedStream)
    }

    private func prepare(
        _ stream: HTTP2Stream, body: [Bytes], trailers: HTTPFields?
    ) -> nghttp2_data_provider {
        stream.outgoing = body
        stream.outgoingCount = body.reduce(0) { $0 + $1.count }
        stream.outgoingTrailers = trailers
        stream.skipEmptyParts()
        return nghttp2_data_provider(
            source: nghttp2_data_source(ptr: Unmanaged.passUnretained(stream).toOpaque()),
            read_callback: { handle, id, target, room, flags, source, context in
                guard let data = source?.pointee.ptr, let target, let flags,
                    let session = HTTP2Session.at(context)
                else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
                let stream = Unmanaged<HTTP2Stream>.fromOpaque(data).takeUnretainedValue()
                return session.copyOutgoing(of: stream, to: target, room: room, flags: flags)
            })
    }

    /// How long the next DATA frame of a stream may be: no longer than what there is for it, because nghttp2
    /// keeps a buffer of this size for as long as the connection lives.
    func frameLength(_ id: Int32, window: Int, peerFrameSize: Int) -> Int {
        let wanted = max(stream(id)?.outgoingCount ?? 0, 1)
        return min(wanted, window, peerFrameSize, Self.largestFrame)
    }

    /// Copies the next part of what a stream sends into a DATA frame.
    private func copyOutgoing(
        of stream: HTTP2Stream, to target: UnsafeMutablePointer<UInt8>, room: Int,
        flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var copied = 0
        while copied < room, stream.outgoingPart < stream.outgoing.count {
            let part = stream.outgoing[stream.outgoingPart]
            let length = min(room - copied, part.count - stream.outgoingOffset)
            part.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress else { return }
                memcpy(target + copied, start + stream.outgoingOffset, length)
            }
            copied += length
            stream.outgoingOffset += length
            stream.outgoingCount -= length
            stream.skipEmptyParts()
        }
        if copied > 0 { stream.output?.sent(copied) }
        guard stream.outgoingPart == stream.outgoing.count else { return copied }
        if stream.isOpenEnded { return copied > 0 ? copied : Int(NGHTTP2_ERR_DEFERRED.rawValue) }
        flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
        if let trailers = stream.outgoingTrailers {
            flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
            _ = nameValues.submit(pseudo: [:], trailers) { list, count in
                nghttp2_submit_trailer(handle, stream.id, list, count)
            }
        }
        return copied
    }
}
