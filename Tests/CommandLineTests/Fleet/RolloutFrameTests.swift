import Settings
import Testing

@testable import CommandLine

@Suite struct RolloutFrameTests {
    private static func rollout(_ more: String = "") throws -> Tree {
        try .yaml(
            """
            id: r1
            target: edge@2
            state: running
            selector: env=prod
            agents: 1200
            phases: {healthy: 600, applying: 2, pending: 598}
            stages:
              - {name: canary, size: "1", agents: 1, state: passed, phases: {healthy: 1}}
              - {name: rest, size: 100%, agents: 1199, state: running,
                 phases: {healthy: 599, applying: 1, assigned: 1, pending: 595, failed: 1, lost: 1,
                   reverted: 1}}
            \(more)
            """)
    }

    @Test func `a picture has the share that is healthy, and a line for each stage`() throws {
        let lines = RolloutFrame(try Self.rollout()).lines()
        #expect(
            lines.map(\.text) == [
                "rollout r1: edge@2 is running",
                "[##########..........]  50%  600 of 1,200 agents healthy  (env=prod)",
                "",
                "STAGE   SIZE  AGENTS  HEALTHY  MOVING  PENDING  FAILED  BACK  STATE",
                "canary  1          1        1       0        0       0     0  passed",
                "rest    100%    1199      599       2      595       2     1  running",
            ])
        #expect(lines.map(\.style) == [.plain, .plain, .plain, .heading, .plain, .trouble])
    }

    @Test func `what the last gate saw, agents with trouble and the last events stand below`() throws {
        let rollout = try Self.rollout(
            """
            gates:
              - {stage: 0, verdict: pass}
              - {stage: 1, verdict: fail, reason: too few items, findings: [
                  {check: data_flow, verdict: fail, summary: "3 % delivered"},
                  {check: restarts, verdict: pass, summary: none}]}
            failures: [{uid: a1, phase: failed, reason: "line 3: no such key"}]
            events:
              - {time: "2026-05-05T12:00:01Z", kind: created, actor: ada}
              - {time: "2026-05-05T12:00:02Z", kind: stage_passed, stage: canary, reason: all are healthy}
              - {time: "2026-05-05T12:00:03Z", kind: gate_failed, stage: rest, actor: fleet manager}
            """)
        let lines = RolloutFrame(rollout, events: 2).lines()
        #expect(
            lines.dropFirst(6).map(\.text) == [
                "", "GATE", "stage 2: fail, too few items", "data flow: fail, 3 % delivered",
                "restarts: pass, none", "", "AGENTS WITH TROUBLE", "a1  failed  line 3: no such key", "",
                "LAST EVENTS", "12:00:02  stage passed  canary: all are healthy",
                "12:00:03  gate failed   rest",
            ])
        #expect(lines.filter { $0.style == .trouble }.count == 4)
    }

    @Test(arguments: ["paused", "rolling_back", "rolled_back", "aborted", "frozen"])
    func `a rollout that does not get on is trouble, with its reason`(state: String) throws {
        let rollout = try Tree.yaml(
            "{id: r1, target: edge@2, state: \(state), reason: lunch, waiting: for ada}")
        let lines = RolloutFrame(rollout).lines()
        #expect(
            lines.first
                == TopFrame.Line(
                    text: "rollout r1: edge@2 is \(state.replacing("_", with: " ")): lunch", style: .trouble))
        #expect(lines[1].text == "[....................]   0%  0 of 0 agents healthy")
        #expect(lines[2].text == "waits: for ada")
    }

    @Test func `a picture is no wider than the terminal, says what is wrong, and shows nobody's escapes`()
        throws
    {
        var frame = RolloutFrame(
            try .yaml(#"{id: "r\e[2J1", target: edge@2, state: running, selector: "a in (b, c)"}"#))
        frame.failure = "nobody answers; trying again"
        let lines = frame.lines(columns: 20)
        #expect(lines.allSatisfy { $0.text.count <= 20 })
        #expect(lines.first?.text == "rollout r [2J1: edg…")
        #expect(lines.last == TopFrame.Line(text: "nobody answers; try…", style: .trouble))
    }
}

@Suite struct RolloutPictureTests {
    @Test func `a picture is drawn over the one before, and what is left of that is wiped away`() {
        var picture = RolloutPicture(hasColours: true)
        let lines = [TopFrame.Line(text: "a", style: .heading), TopFrame.Line(text: "b", style: .trouble)]
        #expect(
            picture.text(lines, rows: 24)
                == "\u{1B}[1ma\u{1B}[0m\u{1B}[K\n\u{1B}[31mb\u{1B}[0m\u{1B}[K\n\u{1B}[J")
        #expect(picture.text([TopFrame.Line(text: "c")], rows: 24) == "\u{1B}[2Ac\u{1B}[K\n\u{1B}[J")
        #expect(picture.text([], rows: 24).hasPrefix("\u{1B}[1A"))
    }

    @Test func `a picture is lower than the screen, or it could not be drawn over`() {
        var picture = RolloutPicture(hasColours: false)
        let lines = (1...30).map { TopFrame.Line(text: "\($0)", style: .trouble) }
        let text = picture.text(lines, rows: 10)
        #expect(text.split(separator: "\n").count == 10)
        #expect(!text.contains("[31m") && text.contains("\u{1B}[1m9\u{1B}[0m") && !text.contains("m10"))
    }
}
