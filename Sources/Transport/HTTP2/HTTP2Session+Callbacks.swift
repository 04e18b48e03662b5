internal import CNghttp2

extension HTTP2Session {
    /// Connects nghttp2's events with the methods that handle them.
    static func setCallbacks(_ callbacks: OpaquePointer?) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, context in
            guard let session = HTTP2Session.at(context), let frame else { return 0 }
            return session.headersBegin(frame)
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, frame, name, nameLength, value, valueLength, _, context in
            guard let session = HTTP2Session.at(context), let frame else { return 0 }
            return session.headerReceived(
                frame.pointee.hd.stream_id,
                name: UnsafeRawBufferPointer(start: name, count: nameLength),
                value: UnsafeRawBufferPointer(start: value, count: valueLength))
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
            guard let session = HTTP2Session.at(context), let frame else { return 0 }
            return session.frameReceived(frame)
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, id, data, length, context in
            guard let session = HTTP2Session.at(context) else { return 0 }
            session.dataReceived(id, UnsafeRawBufferPointer(start: data, count: length))
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { handle, id, code, context in
            guard let session = HTTP2Session.at(context), let stream = session.stream(id) else { return 0 }
            nghttp2_session_set_stream_user_data(handle, id, nil)
            session.retire(stream, errorCode: code)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, context in
            guard let session = HTTP2Session.at(context), let frame else { return 0 }
            session.frameNotSent(frame)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, context in
            guard let session = HTTP2Session.at(context), let frame else { return 0 }
            session.frameSent(frame)
            return 0
        }
        nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks) {
            _, _, id, sessionWindow, streamWindow, peerFrameSize, context in
            guard let session = HTTP2Session.at(context) else {
                return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            let window = min(max(sessionWindow, 1), max(streamWindow, 1))
            return session.frameLength(id, window: Int(window), peerFrameSize: Int(peerFrameSize))
        }
    }

    /// The largest DATA frame that is sent, whatever the peer would take: larger ones save nothing and let
    /// one stream hold up the others.
    static let largestFrame = 1 << 20

    static func at(_ context: UnsafeMutableRawPointer?) -> HTTP2Session? {
        guard let context else { return nil }
        return Unmanaged<HTTP2Session>.fromOpaque(context).takeUnretainedValue()
    }
}
