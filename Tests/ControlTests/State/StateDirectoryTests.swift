import Foundation
import Pipeline
import Testing

@testable import Control

@Suite struct StateDirectoryTests {
    typealias Place = StateDirectory.Place

    @Test func `an option wins, and what was named counts as such`() {
        let variables = ["STATE_DIRECTORY": "/s:/t", "XDG_STATE_HOME": "/x", "HOME": "/h"]
        #expect(
            Place(option: "/o", environment: variables, isRoot: true) == Place(path: "/o", isNamed: true))
        #expect(
            Place(option: nil, environment: variables, isRoot: true) == Place(path: "/s", isNamed: true))
    }

    @Test func `otherwise there is a usual place`() {
        let variables = ["STATE_DIRECTORY": "", "XDG_STATE_HOME": "/x", "HOME": "/h"]
        for isRoot in [true, false] {
            #expect(
                Place(option: nil, environment: variables, isRoot: isRoot)
                    == Place(path: "/x/apus", isNamed: false))
        }
        #expect(
            Place(option: nil, environment: ["HOME": "/root"], isRoot: true)
                == Place(path: "/var/lib/apus", isNamed: false))
        #expect(
            Place(option: nil, environment: ["HOME": "/h"], isRoot: false)
                == Place(path: "/h/.local/state/apus", isNamed: false))
    }

    @Test func `one has it at a time`() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/deep/state"
        do {
            let first = try StateDirectory(path)
            #expect(throws: StateFailure.self) { try StateDirectory(first.path) }
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            withExtendedLifetime(first) {}
        }
        _ = try StateDirectory(path)
    }

    @Test func `the same name in another directory is another source`() {
        let reader = ConfigurationReader(
            sources: ["agent.yaml", "/a.yaml", "env:X", "https://x/y"], sets: ["a=1"], providers: [],
            catalog: .init())
        let here = FileManager.default.currentDirectoryPath
        #expect(
            reader.commandLine == ["\(here)/agent.yaml", "/a.yaml", "env:X", "https://x/y", "--set a=1"])
    }
}
