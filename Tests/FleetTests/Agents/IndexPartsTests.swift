import OpAMP
import Testing

@testable import Fleet

@Suite struct IndexPartsTests {
    private typealias Dice = InventoryIndexTests.Dice

    @Test(arguments: [40, 3000, 200_000])
    func `a set of places is a set`(_ places: Int) {
        var dice = Dice(state: UInt64(places))
        var (set, expected) = (PlaceSet.none, Set<UInt32>())
        // It fills up, goes to and fro, and becomes empty.
        for round in 0..<6000 {
            let place = UInt32(dice.below(places))
            if dice.below(6000) > (round < 3000 ? 1000 : 5000) {
                set.insert(place)
                expected.insert(place)
            } else {
                let gone = expected.randomElement(using: &dice) ?? place
                set.remove(gone)
                expected.remove(gone)
                set.remove(place)
                expected.remove(place)
            }
            #expect(set.contains(place) == expected.contains(place))
            if round % 500 == 0 {
                var found = Bitmap()
                found.formUnion(set)
                var listed: [UInt32] = []
                found.forEach { listed.append($0) }
                #expect(listed == expected.sorted())
                #expect((set.count, found.count) == (expected.count, expected.count))
                let half = Bitmap(expected.sorted().filter { $0 % 2 == 0 })
                #expect(set.count(in: half) == half.count)
                var rest = found
                rest.subtract(set)
                #expect(rest.isEmpty)
                var both = half
                both.formIntersection(set)
                #expect(both.count == half.count)
            }
        }
        for place in expected { set.remove(place) }
        guard case .none = set else {
            Issue.record("it is not empty: \(set.count)")
            return
        }
    }

    @Test func `a set takes no more than four bytes for an agent, or a bit for each place`() {
        #expect(MemoryLayout<PlaceSet>.size <= 9)
        var (rare, frequent) = (PlaceSet.none, PlaceSet.none)
        for place in 0..<100_000 as Range<UInt32> {
            if place % 100 == 0 { rare.insert(place) }
            if place % 3 == 0 { frequent.insert(place) }
        }
        if case .few(let list) = rare {
            #expect(list.capacity <= 1300)
        } else {
            Issue.record("\(rare.count)")
        }
        guard case .many(let bits) = frequent else {
            Issue.record("\(frequent.count)")
            return
        }
        #expect(bits.words.capacity <= 1563 * 5 / 4)
    }

    @Test func `numbers are found by their hashes until they are taken out`() {
        var index = HashIndex()
        var dice = Dice(state: 3)
        var hashes: [UInt32: UInt32] = [:]
        for round in 0..<4000 as Range<UInt32> {
            // Many have the same hash.
            let hash = UInt32(dice.below(300))
            index.insert(round, hash: hash)
            hashes[round] = hash
            if dice.below(3) > 0, let (gone, hash) = hashes.randomElement(using: &dice) {
                index.remove(gone, hash: hash)
                index.remove(gone, hash: hash)
                hashes[gone] = nil
            }
        }
        #expect(index.count == hashes.count)
        for number in 0..<4000 as Range<UInt32> {
            let found = index.find(hashes[number] ?? 0) { $0 == number }
            #expect(found == (hashes[number] == nil ? nil : number))
        }
    }

    @Test func `texts are found in blocks, and move when these are half empty`() {
        var arena = TextArena()
        var dice = Dice(state: 5)
        var texts: [UInt32: (text: String, location: TextArena.Location)] = [:]
        for number in 0..<6000 as Range<UInt32> {
            let text = (0..<dice.below(40)).map { _ in dice.pick(["a", "B", "c", "é", "-", "7"]) }.joined()
            texts[number] = (text, arena.add(text.utf8, of: number))
            if dice.below(3) > 0, let (gone, old) = texts.randomElement(using: &dice) {
                texts[gone] = nil
                for (owner, location) in arena.remove(old.location) { texts[owner]?.location = location }
            }
        }
        #expect(arena.blocks.count < 12)
        for (text, location) in texts.values {
            #expect(arena.text(location) == text)
            #expect(arena.holds(text.utf8, at: location))
            #expect(!arena.holds((text + "x").utf8, at: location))
        }
        for needle in ["a", "ab", "AB", "é-", "77", "c7b", "abcé", "bbbbb", "x"] {
            let found = arena.owners(of: TextNeedle(needle))
            let expected = texts.filter { $0.value.text.lowercased().contains(needle.lowercased()) }
            #expect(found.sorted() == expected.keys.sorted(), "\(needle)")
        }
    }

    @Test(arguments: ["", "n", "needle", "NEEDLE", "nee.dle", "aeedle", "e"])
    func `a text is found wherever it is`(_ needle: String) {
        let needle = TextNeedle(needle)
        for padding in 0..<20 {
            for text in ["needle", "nEEdle", "nee.dle", "needl", "@eedle", "xneedlex", ""] {
                let whole = String(repeating: "-", count: padding) + text + "="
                let small = String(decoding: needle.bytes, as: UTF8.self)
                #expect(needle.isIn(whole) == whole.lowercased().contains(small), "\(whole)")
            }
        }
    }

    @Test func `parts of ids are found without writing the ids`() {
        var dice = Dice(state: 9)
        let uids = (0..<50).map { _ in InstanceUID(high: dice.next(), low: dice.next()) }
        for uid in uids {
            let text = uid.description
            for _ in 0..<20 {
                let length = 1 + dice.below(36)
                let part = String(text.dropFirst(dice.below(37 - length)).prefix(length))
                let needle = UIDNeedle(TextNeedle(part.uppercased()))
                for other in uids {
                    #expect(needle.isIn(other) == other.description.contains(part), "\(part)")
                }
            }
        }
        for text in ["g", "--", uids[0].description + "0", "host-7"] {
            #expect(UIDNeedle(TextNeedle(text)).isImpossible, "\(text)")
        }
    }

    @Test func `pairs are kept once, and gone with the last who has them`() {
        var table = PairTable()
        let (first, marked) = (table.take("a", "x"), table.take("a", "x", isMarked: true))
        #expect(first != marked)
        #expect(table.take("a", "x") == first)
        #expect(table.count == 2)
        #expect(table.key("a").map { table.pairs(of: $0) } == 2)
        #expect(table.key("a").flatMap { table.number($0, "x", isMarked: true) } == marked)
        #expect(table[marked]?.isMarked == true)
        table.release(first)
        #expect(table[first]?.text == "x")
        table.release(first)
        #expect(table[first] == nil)
        table.release(marked)
        #expect(table.key("a") == nil)
        #expect(table.take("b", "y") < 2)
        let long = table.take("b", String(repeating: "z", count: 9000))
        #expect(table[long]?.text.utf8.count == 4096)
    }
}
