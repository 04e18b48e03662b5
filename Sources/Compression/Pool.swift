internal import Synchronization

/// Keeps a few expensive objects (compression contexts of 30 KB to 1 MB) for the next one who needs one.
///
/// Each object is lent to one caller at a time. More than `capacity` can be out at once; those that come
/// back to a full pool are freed, so that a burst does not hold its memory for ever.
final class Pool<Element: AnyObject & Sendable>: Sendable {
    private let idle = Mutex<[Element]>([])
    private let capacity: Int

    init(capacity: Int = 4) {
        self.capacity = capacity
    }

    /// Lends an object to `body`, made with `make` when none is idle.
    func lend<Result>(
        make: () throws(CompressionError) -> Element,
        _ body: (Element) throws(CompressionError) -> Result
    ) throws(CompressionError) -> Result {
        let element: Element
        if let waiting = idle.withLock({ $0.popLast() }) {
            element = waiting
        } else {
            element = try make()
        }
        defer { takeBack(element) }
        return try body(element)
    }

    private func takeBack(_ element: Element) {
        idle.withLock { idle in
            if idle.count < capacity { idle.append(element) }
        }
    }
}
