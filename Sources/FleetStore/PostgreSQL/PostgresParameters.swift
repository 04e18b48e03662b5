internal import CPostgreSQL

/// The values of a statement as libpq takes them: each with its type, in binary.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>?] = []
    private var types: [Oid] = []

    private static let int8: Oid = 20
    private static let text: Oid = 25
    private static let bytea: Oid = 17

    init(_ values: [SQLValue]) {
        ranges.reserveCapacity(values.count)
        types.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            switch value {
            case .null: types.append(0)
            case .integer(let value):
                types.append(Self.int8)
                withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text):
                types.append(Self.text)
                bytes.append(contentsOf: text.utf8)
            case .bytes(let value):
                types.append(Self.bytea)
                bytes.append(contentsOf: value)
            }
            ranges.append(value == .null ? nil : start..<bytes.count)
        }
        // An empty value has to have an address, as one without is null.
        bytes.append(0)
    }

    /// Lends the arrays that `PQexecParams` wants.
    func withPointers<Answer>(
        _ body: (
            UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?, Int32
        ) -> Answer
    ) -> Answer {
        let lengths = ranges.map { Int32($0?.count ?? 0) }
        let formats = [Int32](repeating: 1, count: ranges.count)
        return bytes.withUnsafeBytes { memory in
            let start = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = ranges.map { range in
                range.flatMap { range in start.map { $0 + range.lowerBound } }
            }
            return body(types, pointers, lengths, formats, Int32(ranges.count))
        }
    }

    /// One value of an answer in binary.
    static func value(_ result: OpaquePointer?, _ row: Int32, _ column: Int32) throws(StoreError) -> SQLValue
    {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
            return .null
        }
        let memory = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch (PQftype(result, column), memory.count) {
        case (int8, 8):
            return .integer(Int64(bigEndian: memory.loadUnaligned(as: Int64.self)))
        case (23, 4):
            return .integer(Int64(Int32(bigEndian: memory.loadUnaligned(as: Int32.self))))
        case (text, _), (1043, _): return .text(String(decoding: memory, as: UTF8.self))
        case (bytea, _): return .bytes([UInt8](memory))
        // Functions such as `pg_advisory_xact_lock` answer with nothing.
        case (2278, _): return .null
        default: throw .damaged("a column has type \(PQftype(result, column)) in PostgreSQL")
        }
    }
}
