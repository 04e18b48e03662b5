internal import Telemetry
internal import Wire

/// One profile (profiles.v1development Profile), as far as it can be read without the dictionary.
struct ProfileView: MessageView {
    let message: WireMessage

    init(_ message: WireMessage) { self.message = message }

    var samples: Messages<ProfileSampleView> { message.messages(2) }
    /// Nanoseconds since 1970.
    var time: UInt64 { message.unsigned(3) }
    var durationNanoseconds: UInt64 { message.unsigned(4) }
    /// 16 bytes, or none.
    var profileID: Bytes { message.data(7) }
    var droppedAttributesCount: UInt64 { message.unsigned(8) }

    /// The profiles of a batch, by resource.
    static func resources(of batch: Batch) -> [ResourceGroup<ProfileView>] {
        guard batch.signal == .profiles else { return [] }
        return batch.chunks.flatMap { WireMessage($0.bytes).messages(1, as: ResourceGroup<ProfileView>.self) }
    }
}

/// One sample of a profile (profiles.v1development Sample).
struct ProfileSampleView: MessageView {
    let message: WireMessage

    init(_ message: WireMessage) { self.message = message }

    var values: [Int64] { message.varints(4).map { Int64(bitPattern: $0) } }
    /// Nanoseconds since 1970.
    var timestamps: [UInt64] { message.fixed64s(5) }
}
