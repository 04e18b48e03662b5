internal import Wire

/// Shapes as bytes: they are named by these, and kept once for all agents that have them.
extension HealthShape {
    /// A message of protobuf with a message for each component.
    var encoded: [UInt8] {
        var writer = Writer(capacity: 1024)
        for node in nodes {
            let mark = writer.begin(1)
            writer.write(string: node.name, 1)
            writer.write(varint: UInt64(node.parent + 1), 2)
            writer.write(string: node.status, 3)
            writer.end(mark)
        }
        return writer.finish().array
    }

    /// `nil` for what is no tree.
    init?(encoded bytes: [UInt8]) {
        var nodes: [Node] = []
        do throws(WireError) {
            try KeptField.read(bytes) { (number, field) in
                if number == 1, let node = Self.node(field.bytes) { nodes.append(node) }
            }
        } catch {
            return nil
        }
        let isTree = nodes.enumerated().allSatisfy { index, node in
            index == 0 ? node.parent == -1 : (0..<Int32(index)).contains(node.parent)
        }
        guard !nodes.isEmpty, isTree else { return nil }
        self.init(nodes: nodes)
    }

    private static func node(_ bytes: [UInt8]) -> Node? {
        var (name, parent, status) = ("", Int32(-1), "")
        do throws(WireError) {
            try KeptField.read(bytes) { (number, field) in
                switch number {
                case 1: name = String(decoding: field.bytes, as: UTF8.self)
                case 2: parent = Int32(clamping: field.number) - 1
                case 3: status = String(decoding: field.bytes, as: UTF8.self)
                default: break
                }
            }
        } catch {
            return nil
        }
        return Node(name: name, parent: parent, status: status)
    }
}

extension CompactHealth.Deviation {
    func write(to writer: inout Writer, _ number: Int) {
        let mark = writer.begin(number)
        writer.write(varint: UInt64(node), 1)
        writer.write(bool: isHealthy, 2)
        writer.write(string: status, 3)
        writer.write(string: error, 4)
        writer.write(varint: time, 5)
        writer.end(mark)
    }

    init?(encoded bytes: [UInt8]) {
        var (node, isHealthy, status, error, time) = (Int32(0), false, "", "", UInt64(0))
        do throws(WireError) {
            try KeptField.read(bytes) { (number, field) in
                switch number {
                case 1: node = Int32(clamping: field.number)
                case 2: isHealthy = field.number != 0
                case 3: status = String(decoding: field.bytes, as: UTF8.self)
                case 4: error = String(decoding: field.bytes, as: UTF8.self)
                case 5: time = field.number
                default: break
                }
            }
        } catch {
            return nil
        }
        self.init(node: node, isHealthy: isHealthy, status: status, error: error, time: time)
    }
}
