internal import CNghttp2

/// A reusable list of names and values in the form that nghttp2 takes them.
///
/// nghttp2 copies what it is given, so the pointers have to live only for the call that submits them.
final class FieldListBuffer {
    private var list: UnsafeMutablePointer<nghttp2_nv>
    private var capacity = 16
    private var count = 0

    init() {
        list = .allocate(capacity: capacity)
    }

    deinit { list.deallocate() }

    /// Lends a list of `pseudo` fields, which HTTP/2 wants first, and `fields` to `submit`.
    func submit<Result>(
        pseudo: HTTPFields, _ fields: HTTPFields, _ submit: (UnsafePointer<nghttp2_nv>, Int) -> Result
    ) -> Result {
        count = 0
        return pseudo.withUnsafeStorage { first in
            fields.withUnsafeStorage { second in
                add(first)
                add(second)
                return submit(list, count)
            }
        }
    }

    private func add(_ storage: UnsafeRawBufferPointer) {
        HTTPFields.walk(storage) { name, value in
            if count == capacity { grow() }
            // nghttp2 does not write through these pointers; its struct only lacks the `const`.
            (list + count).initialize(
                to: nghttp2_nv(
                    name: Self.start(of: name), value: Self.start(of: value),
                    namelen: name.count, valuelen: value.count, flags: 0))
            count += 1
            return true
        }
    }

    private func grow() {
        let larger = UnsafeMutablePointer<nghttp2_nv>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: list, count: count)
        list.deallocate()
        list = larger
        capacity *= 2
    }

    private static func start(of bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
}
