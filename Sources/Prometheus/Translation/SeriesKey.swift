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
    /// The scrape that said something last.
    fileprivate var generation: UInt32 = 0

    /// Bytes of its texts, which are there as the page has them and to be read.
    fileprivate var byteCount: Int { 2 * (rawHelp.count + rawUnit.count) }
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
    /// The present scrape, and the families that it has told of.
    private var generation: UInt32 = 0
    private var said = 0
    /// Bytes of a family beside its name and its texts.
    private static let familySize = 300

    /// The place of what is said of a family.
    func place(of name: some StringProtocol) -> Int? { places[SeriesKey(bytes: Array(name.utf8))] }

    /// Begins a scrape.
    mutating func begin(_ generation: UInt32) {
        self.generation = generation
        said = 0
    }

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
            byteCount += 2 * (text.count - families[place].rawHelp.count)
            families[place].rawHelp = scratch
        case .unit(let name, let text):
            let place = place(of: name, reader)
            guard isNews(text, families[place].rawUnit, reader) else { return }
            families[place].unit = try reader.text(text)
            families[place].ucum = Units.ucum(of: families[place].unit)
            byteCount += 2 * (text.count - families[place].rawUnit.count)
            families[place].rawUnit = scratch
        case .sample: break
        }
    }

    /// Forgets families that the scrape did not tell of, where there are more of them than of the others.
    ///
    /// Returns the new places of all that there were; `nil` when nothing has changed.
    mutating func prune() -> [Int?]? {
        guard families.count > 2 * said + 1000 else { return nil }
        var moved = [Int?](repeating: nil, count: families.count)
        var kept: [FamilyMetadata] = []
        var keptPlaces: [SeriesKey: Int] = [:]
        byteCount = 0
        for (name, place) in places where families[place].generation == generation {
            moved[place] = kept.count
            keptPlaces[name] = kept.count
            kept.append(families[place])
            byteCount += name.bytes.count + Self.familySize + families[place].byteCount
        }
        (places, families) = (keptPlaces, kept)
        return moved
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
        let place = places[SeriesKey(bytes: scratch)] ?? add(scratch)
        if families[place].generation != generation {
            families[place].generation = generation
            said += 1
        }
        return place
    }

    private mutating func add(_ name: [UInt8]) -> Int {
        places[SeriesKey(bytes: name)] = families.count
        byteCount += name.count + Self.familySize
        families.append(FamilyMetadata())
        return families.count - 1
    }
}
