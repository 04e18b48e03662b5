/// Bytes as a key: how a page writes a series, or the name of a family.
struct SeriesKey: Hashable, Sendable {
    let bytes: [UInt8]

    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

/// What a page says of a family, kept from scrape to scrape.
struct FamilyMetadata: Sendable {
    var type: MetricType?
    var help = ""
    /// The unit as the page writes it, such as `seconds`.
    var unit = ""
    /// The unit in UCUM.
    var ucum = ""
    fileprivate var rawHelp: [UInt8] = []
    fileprivate var rawUnit: [UInt8] = []
}

/// What the pages of a target say of families, by their names.
struct MetadataTable: Sendable {
    private var places: [SeriesKey: Int] = [:]
    private(set) var families: [FamilyMetadata] = []
    /// Grows when a type changes or a family becomes known, so that what was made of a series is looked at
    /// again.
    private(set) var version: UInt32 = 0
    /// Whether this is the first page, where families are told of before their series.
    var isFilling = true
    private(set) var byteCount = 0
    private var scratch: [UInt8] = []

    /// The place of what is said of a family.
    func place(of name: some StringProtocol) -> Int? { places[SeriesKey(bytes: Array(name.utf8))] }

    /// Takes note of what an entry says, unless it is a sample.
    mutating func take(_ entry: ExpositionEntry, from reader: ExpositionReader) throws(ExpositionError) {
        switch entry {
        case .type(let name, let type):
            let place = place(of: name, reader)
            if families[place].type != type {
                if !isFilling || families[place].type != nil { version &+= 1 }
                families[place].type = type
            }
        case .help(let name, let text):
            let place = place(of: name, reader)
            guard isNews(text, families[place].rawHelp, reader) else { return }
            families[place].help = try reader.text(text)
            byteCount += text.count - families[place].rawHelp.count
            families[place].rawHelp = scratch
        case .unit(let name, let text):
            let place = place(of: name, reader)
            guard isNews(text, families[place].rawUnit, reader) else { return }
            families[place].unit = try reader.text(text)
            families[place].ucum = Units.ucum(of: families[place].unit)
            byteCount += text.count - families[place].rawUnit.count
            families[place].rawUnit = scratch
        case .sample: break
        }
    }

    /// Forgets everything.
    mutating func removeAll() {
        (places, families, byteCount) = ([:], [], 0)
        version &+= 1
    }

    private mutating func isNews(_ text: Range<Int>, _ known: [UInt8], _ reader: ExpositionReader) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        reader.append(text, to: &scratch)
        return scratch != known
    }

    private mutating func place(of name: Range<Int>, _ reader: ExpositionReader) -> Int {
        scratch.removeAll(keepingCapacity: true)
        reader.append(name, to: &scratch)
        if let place = places[SeriesKey(bytes: scratch)] { return place }
        places[SeriesKey(bytes: scratch)] = families.count
        byteCount += scratch.count + 200
        families.append(FamilyMetadata())
        return families.count - 1
    }
}
