internal import CNghttp2
internal import NIOCore
internal import Wire

extension HTTP2Session {
    /// What a callback returns to make nghttp2 give up the connection.
    private static let failConnection = Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    /// How many times over the limit a header list may go before the connection ends: decoding it costs the
    /// same work whether it is kept or not.
    private static let headerBombFactor = 4

    func headersBegin(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        guard frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) else { return 0 }
        let id = frame.pointee.hd.stream_id
        if role == .server, frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
            let stream = begin(id)
            headersStream = stream
            nghttp2_session_set_stream_user_data(handle, id, Unmanaged.passUnretained(stream).toOpaque())
        } else if let stream = stream(id) {
            headersStream = stream
            stream.headerBytes = 0
            if frame.pointee.headers.cat == NGHTTP2_HCAT_HEADERS, stream.headersComplete {
                stream.trailers = HTTPFields()
            }
        }
        return 0
    }

    func headerReceived(_ id: Int32, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> Int32 {
        guard let stream = headersStream, stream.id == id else { return 0 }
        stream.headerBytes += name.count + value.count + 32
        let count = stream.trailers?.count ?? stream.fields.count
        if stream.headerBytes > limits.maxHeaderBytes || count >= limits.maxHeaderFields {
            stream.headersTooLarge = true
        }
        if stream.headersTooLarge {
            return stream.headerBytes > limits.maxHeaderBytes * Self.headerBombFactor
                ? Self.failConnection : 0
        }
        if name.first == UInt8(ascii: ":") {
            setPseudoField(of: stream, name: name, value: value)
        } else if stream.trailers != nil {
            stream.trailers?.append(name: name, value: value)
        } else {
            if name.equals("content-length") { stream.contentLength = Self.decimal(value) }
            stream.fields.append(name: name, value: value)
        }
        return 0
    }

    func frameReceived(_ frame: UnsafePointer<nghttp2_frame>) -> Int32 {
        let header = frame.pointee.hd
        let flags = UInt32(header.flags)
        switch nghttp2_frame_type(UInt32(header.type)) {
        case NGHTTP2_HEADERS:
            headersEnd(header.stream_id, endsStream: flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0)
        case NGHTTP2_DATA:
            if flags & NGHTTP2_FLAG_END_STREAM.rawValue != 0 {
                messageEnd(header.stream_id)
            } else if header.length == 0 {
                return countIdleFrame()
            }
        case NGHTTP2_PING:
            guard flags & NGHTTP2_FLAG_ACK.rawValue != 0 else {
                observer?.pingReceived()
                return countIdleFrame()
            }
            observer?.pingAnswered()
        case NGHTTP2_SETTINGS:
            if flags & NGHTTP2_FLAG_ACK.rawValue == 0 {
                observer?.settingsReceived()
                return countIdleFrame()
            }
        case NGHTTP2_PRIORITY:
            return countIdleFrame()
        case NGHTTP2_RST_STREAM:
            if role == .server { return countReset() }
        case NGHTTP2_GOAWAY:
            observer?.goAwayReceived(
                lastStream: frame.pointee.goaway.last_stream_id, errorCode: frame.pointee.goaway.error_code)
        default: break
        }
        return 0
    }

    func dataReceived(_ id: Int32, _ data: UnsafeRawBufferPointer) {
        guard let stream = stream(id) else {
            nghttp2_session_consume(handle, id, data.count)
            return
        }
        switch stream.body.take(data, budget: budget) {
        case .kept:
            nghttp2_session_consume(handle, id, data.count)
        case .discarded:
            nghttp2_session_consume(handle, id, data.count)
            stream.discarded += data.count
            callOffRequest(stream)
        case .waiting:
            hold(stream, data.count)
        case .tooLarge:
            nghttp2_session_consume(handle, id, data.count)
            giveBack(stream)
            observer?.bodyTooLarge(stream)
        case .refused:
            nghttp2_session_consume(handle, id, data.count)
            giveBack(stream)
            observer?.bodyRefused(stream)
        }
    }

    /// Whether there are streams that wait for memory.
    var hasWaiting: Bool { unconsumed > 0 }

    /// Lets the streams go on for which there is memory again; true if there was one.
    func retryWaiting() -> Bool {
        var someGoOn = false
        for stream in streams where stream.body.isWaiting && stream.body.retry(budget: budget) {
            giveBack(stream)
            someGoOn = true
        }
        return someGoOn
    }

    /// Gives the peer back the window of what a stream held.
    func giveBack(_ stream: HTTP2Stream) {
        guard stream.unconsumed > 0 else { return }
        unconsumed -= stream.unconsumed
        if let handle { nghttp2_session_consume(handle, stream.id, stream.unconsumed) }
        stream.unconsumed = 0
    }

    /// Keeps back window for a stream that waits for memory.
    ///
    /// The connection's window belongs to all streams, so one that would take away more than half of it is
    /// refused: otherwise streams that wait could stop those that would give memory back.
    private func hold(_ stream: HTTP2Stream, _ length: Int) {
        stream.unconsumed += length
        unconsumed += length
        guard unconsumed > limits.connectionWindow / 2 else { return }
        stream.body.discard(budget: budget)
        giveBack(stream)
        observer?.bodyRefused(stream)
    }

    private func headersEnd(_ id: Int32, endsStream: Bool) {
        guard let stream = stream(id) else { return }
        if !stream.headersComplete {
            // A client may get any number of informational (1xx) answers before the real one.
            if role == .client, stream.status < 200 {
                stream.fields.removeAll()
                stream.contentLength = nil
                return
            }
            stream.headersComplete = true
            if stream.headersTooLarge {
                observer?.headersTooLarge(stream)
            } else {
                observer?.headersReceived(stream)
            }
        } else if stream.headersTooLarge, !stream.body.isDiscarding {
            stream.body.discard(budget: budget)
            giveBack(stream)
            observer?.headersTooLarge(stream)
        }
        if endsStream { messageEnd(id) }
    }

    private func messageEnd(_ id: Int32) {
        guard let stream = stream(id), !stream.receivedEnd else { return }
        stream.receivedEnd = true
        giveBack(stream)
        if !stream.body.isDiscarding { observer?.messageReceived(stream) }
    }

    private func setPseudoField(
        of stream: HTTP2Stream, name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer
    ) {
        // nghttp2 has checked that the name is one of those that exist, so two bytes tell them apart.
        guard name.count > 2 else { return }
        switch (name[1], name[2]) {
        case (UInt8(ascii: "p"), UInt8(ascii: "a")): stream.target = pathMemo.string(of: value)
        case (UInt8(ascii: "a"), UInt8(ascii: "u")): stream.authority = authorityMemo.string(of: value)
        case (UInt8(ascii: "m"), UInt8(ascii: "e")): stream.method = String(decoding: value, as: UTF8.self)
        case (UInt8(ascii: "s"), UInt8(ascii: "c")): stream.scheme = String(decoding: value, as: UTF8.self)
        case (UInt8(ascii: "s"), UInt8(ascii: "t")): stream.status = Self.decimal(value) ?? 0
        default: break
        }
    }

    private func countIdleFrame() -> Int32 {
        flood.allowsIdleFrame(second: Self.second) ? 0 : calmDown()
    }

    private func countReset() -> Int32 {
        flood.allowsReset(second: Self.second) ? 0 : calmDown()
    }

    /// Ends the connection of a peer that floods it; nghttp2 sends the GOAWAY and stops reading.
    private func calmDown() -> Int32 {
        nghttp2_session_terminate_session(handle, HTTP2ErrorCode.enhanceYourCalm)
        isFlooded = true
        return 0
    }

    private static var second: Int { Int(NIODeadline.now().uptimeNanoseconds / 1_000_000_000) }

    /// A decimal number of at most 18 digits.
    private static func decimal(_ text: UnsafeRawBufferPointer) -> Int? {
        guard !text.isEmpty, text.count <= 18 else { return nil }
        var value = 0
        for digit in text {
            guard digit >= 0x30, digit <= 0x39 else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
