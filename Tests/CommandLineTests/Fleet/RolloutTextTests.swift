import Settings
import Testing

@testable import CommandLine

@Suite struct RolloutTextTests {
    @Test(arguments: [
        ("1:5m", #"{"size":"1","bake":"5m"}"#), ("10%", #"{"size":"10%"}"#),
        ("10%:90s", #"{"size":"10%","bake":"90s"}"#), ("env=prod", #"{"size":"env=prod"}"#),
        ("env in (a, b):1h", #"{"size":"env in (a, b)","bake":"1h"}"#),
        // What is no duration belongs to the size, so that the manager says what is wrong with it.
        ("10%:soon", #"{"size":"10%:soon"}"#), (":5m", #"{"size":"","bake":"5m"}"#),
    ])
    func `a stage is a size, and how long it is watched`(text: String, json: String) {
        #expect(RolloutText.stage(text).json() == json)
    }

    @Test func `a preview says whom it reaches, whom not, and what is in its way`() throws {
        let preview = try Tree.yaml(
            """
            target: edge@2
            agents: 1200
            most_disrupted: 1
            stages:
              - {name: canary, size: "1", agents: 1, offline: 0, first: [a1]}
              - {name: rest, size: 100%, agents: 1199, offline: 12, first: [a2, a3, a4, a5]}
            changes: [{from: edge@1, to: edge@2, agents: 1199}, {to: edge@2, agents: 1}]
            excluded_count: 2
            excluded: [{uid: b1, reason: it takes no configurations}]
            needs_approval: true
            problems: ["1 agent belongs to rollout r0"]
            """)
        #expect(
            RolloutText.preview(preview) == [
                "edge@2 would reach 1,200 agents, at most 1 at a time",
                "STAGE   SIZE  AGENTS  OFFLINE  FIRST AGENTS", "canary  1          1        0  a1",
                "rest    100%    1199       12  a2, a3, a4", "1,199 agents: edge@1 → edge@2",
                "1 agent: nothing → edge@2",
                "2 agents would not take part, the first because it takes no configurations",
                "a second person would have to approve it",
                "it cannot be started: 1 agent belongs to rollout r0",
            ])
    }

    @Test(arguments: [
        (
            "{time: '2026-05-05T12:03:11.5Z', kind: agent_failed, agent: a1, reason: 'no disk', actor: ada}",
            "12:03:11  agent failed  a1: no disk (ada)"
        ),
        (
            "{time: '2026-05-05T12:03:11Z', kind: stage_passed, stage: canary, agent: a1}",
            "12:03:11  stage passed  canary a1"
        ),
        (
            "{time: '2026-05-05T12:03:11Z', kind: a_kind_with_a_long_name}",
            "12:03:11  a kind with a long name  "
        ),
        ("{kind: created, reason: \"two\\nlines\"}", "  created       two lines"),
    ])
    func `an event is a line`(yaml: String, line: String) throws {
        #expect(RolloutText.event(try .yaml(yaml)) == line)
    }

    @Test func `it is over or waits for a person in some states only`() {
        let states = [
            "draft", "validating", "awaiting_approval", "running", "paused", "frozen", "rolling_back",
            "succeeded",
            "rolled_back", "aborted", "superseded",
        ]
        #expect(states.filter(RolloutText.isOver) == ["succeeded", "rolled_back", "aborted", "superseded"])
        #expect(states.filter(RolloutText.waitsForPerson) == ["draft", "awaiting_approval", "paused"])
    }
}
