import Settings
import Testing

@testable import Fleet

@Suite struct DifferenceTests {
    @Test func `a change in the middle is shown with three lines around it`() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n"
        let after = "a\nb\nc\nd\nE\nf\ng\nh\n"
        #expect(
            TextDifference(before, after).unified(before: "old", after: "new") == """
                --- old
                +++ new
                @@ -2,7 +2,7 @@
                 b
                 c
                 d
                -e
                +E
                 f
                 g
                 h

                """)
    }

    @Test func `changes far apart have hunks of their own`() {
        let lines = (1...30).map(String.init)
        var changed = lines
        changed[2] = "x"
        changed[25] = "y"
        let text = TextDifference(lines.joined(separator: "\n"), changed.joined(separator: "\n"))
            .unified(before: "a", after: "b")
        #expect(text.split(separator: "\n").count { $0.hasPrefix("@@") } == 2)
    }

    @Test(arguments: [("", ""), ("a\n", "a\n")])
    func `equal texts differ in nothing`(before: String, after: String) {
        #expect(TextDifference(before, after).isEmpty)
        #expect(TextDifference(before, after).unified(before: "a", after: "b").isEmpty)
    }

    @Test func `a new text is all added, and one that is gone is all removed`() {
        #expect(TextDifference("", "a\nb").counts == (2, 0))
        #expect(TextDifference("a\nb", "").counts == (0, 2))
        #expect(
            TextDifference("", "a\n").unified(before: "a", after: "b").contains("@@ -0,0 +1,2 @@"))
    }

    /// Compares with what a difference has to be able to do: make one text of the other, in as few steps as
    /// the longest common subsequence allows.
    @Test(arguments: 0..<200)
    func `a difference leads from one text to the other in the fewest steps`(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let old = (0..<random(12)).map { _ in "\(random(4))" }
        let new = (0..<random(12)).map { _ in "\(random(4))" }
        let difference = TextDifference(old.joined(separator: "\n"), new.joined(separator: "\n"))
        var (left, right): ([Substring], [Substring]) = ([], [])
        for line in difference.lines {
            switch line {
            case .same(let text):
                left.append(text)
                right.append(text)
            case .removed(let text): left.append(text)
            case .added(let text): right.append(text)
            }
        }
        #expect(left.map(String.init) == old)
        #expect(right.map(String.init) == new)
        let counts = difference.counts
        #expect(counts.added + counts.removed == old.count + new.count - 2 * Self.common(old, new))
    }

    @Test func `texts that have nothing in common are replaced as a whole, without trying for ever`() {
        let before = (0..<5000).map { "a\($0)" }.joined(separator: "\n")
        let after = (0..<5000).map { "b\($0)" }.joined(separator: "\n")
        #expect(TextDifference(before, after).counts == (5000, 5000))
    }

    @Test func `the order of keys and the way of writing make no semantic difference`() throws {
        let before = try Self.tree("a: {x: 1, y: 'text'}\nb: [1, 2]\n")
        let after = try Self.tree("b:\n  - 1\n  - 2\n# comment\na:\n  y: text\n  x: 0x1\n")
        #expect(SemanticDifference.between(before, after).isEmpty)
    }

    @Test func `what was changed, added and removed is told by its path`() throws {
        let before = try Self.tree("a: {x: 1, gone: true}\nlist: [1]\n")
        let after = try Self.tree("a: {x: 2, new: 3}\nlist: [1, 2]\n")
        let changes = SemanticDifference.between(before, after)
        #expect(changes.map(\.path) == [["a", "x"], ["a", "new"], ["a", "gone"], ["list"]])
        #expect(changes.map { $0.before == nil } == [false, true, false, false])
        #expect(changes.map { $0.after == nil } == [false, false, true, false])
    }

    @Test func `text and a number of the same letters are not the same`() throws {
        let changes = SemanticDifference.between(try Self.tree("a: '1'"), try Self.tree("a: 1"))
        #expect(changes.count == 1)
    }

    @Test func `plaintext secrets are hidden in differences`() throws {
        let before = try Self.tree("exporters: {otlp: {headers: {authorization: marker-one}}}")
        let after = try Self.tree("exporters: {otlp: {headers: {authorization: marker-two}}}")
        let changes = SemanticDifference.between(before, after)
        #expect(changes.count == 1)
        #expect(changes.first?.before != changes.first?.after)
        #expect(!"\(changes)".contains("marker"))
    }

    @Test func `revisions are compared file by file, their variables included`() {
        var old = RevisionDraft(files: [
            ConfigurationFile(name: "a.yaml", body: Array("a: 1\n".utf8)),
            ConfigurationFile(name: "b.yaml", body: Array("b: 1\n".utf8)),
        ])
        var new = old
        new.files[0].body = Array("a: 2\n".utf8)
        new.files[1] = ConfigurationFile(name: "c.yaml", body: Array("b: 1\n".utf8))
        new.variables["x"] = TemplateVariable()
        let difference = RevisionDifference(old, new, names: ("edge@1", "edge@2"))
        #expect(difference.files.map(\.name) == ["a.yaml", "b.yaml", "c.yaml", "settings"])
        #expect(difference.files[0].text.contains("--- edge@1/a.yaml\n+++ edge@2/a.yaml"))
        #expect(difference.changes.map(\.path) == [["a"]])
        old = new
        #expect(RevisionDifference(old, new, names: ("a", "b")).files.isEmpty)
    }

    private static func tree(_ yaml: String) throws -> Tree { try Tree(yaml: yaml, source: .builtIn) }

    /// The length of the longest common subsequence.
    private static func common(_ left: [String], _ right: [String]) -> Int {
        var last = [Int](repeating: 0, count: right.count + 1)
        for one in left {
            var row = [0]
            for (index, other) in right.enumerated() {
                row.append(one == other ? last[index] + 1 : max(last[index + 1], row[index]))
            }
            last = row
        }
        return last[right.count]
    }
}
