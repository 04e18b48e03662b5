internal import Telemetry
internal import Wire

/// Tells series apart: 128 bits of a hash over everything that identifies one.
///
/// Attributes may come in any order: their hashes are added up.
struct SeriesIdentity: Hashable {
    private static let seeds: (UInt64, UInt64) = (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max))

    private var low = SeriesIdentity.seeds.0
    private var high = SeriesIdentity.seeds.1

    /// Takes in a number.
    mutating func add(_ number: UInt64) {
        low = Self.mix(low ^ number, 0x9E37_79B9_7F4A_7C15)
        high = Self.mix(high &+ number, 0xC2B2_AE3D_27D4_EB4F)
    }

    /// Takes in bytes and how many they are.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var position = 0
        while position + 8 <= bytes.count {
            add(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        var rest = UInt64(bytes.count) << 56
        for index in position..<bytes.count { rest |= UInt64(bytes[index]) << UInt64(8 * (index - position)) }
        add(rest)
    }

    /// Takes in the attributes of a draft, whatever their order.
    mutating func addAttributes(of draft: Draft) {
        var (sumLow, sumHigh, count): (UInt64, UInt64, UInt64) = (0, 0, 0)
        draft.forEachAttribute { key, value in
            var one = SeriesIdentity()
            one.add(key)
            one.add(value.memory)
            sumLow &+= one.low
            sumHigh &+= one.high
            count += 1
        }
        add(sumLow)
        add(sumHigh)
        add(count)
    }

    private static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
