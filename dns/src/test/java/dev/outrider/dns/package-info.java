/**
 * Tests of the whole shim over real sockets on loopback. The rules that a DNS front has to keep, and the tests that hold them:
 *
 * <ol>
 *   <li>only opcode QUERY, nothing else is forwarded: {@code ProtocolTest.refuses}, {@code Rfc8906Test.anOpcodeThatIsNotServedNeedsNoQuestion}
 *   <li>one question, no records in a query, header first: {@code ProtocolTest.refuses, repliesToNothingShorterThanAHeaderNorToReplies}
 *   <li>class IN only, and 4. no transfers: {@code ProtocolTest.refuses}
 *   <li value="5">ANY is one HINFO, or the addresses of a mesh name: {@code ProtocolTest.answersMoreThanAddresses}
 *   <li>lengths, pointers and work of names: {@code ReplyTest.namesAndLabelsOfTheGreatestLengthAreRead},
 *       {@code CodecFuzzTest.pointersThatDoNotLeadBackwardsAreRefused, aCompressionBombIsRefusedQuickly}
 *   <li>case is ignored and echoed: {@code IstioLookupTest.answers}, {@code ForwardingTest.equalQuestionsAreAskedOnce}
 *   <li>EDNS version, options counted, none passed on: {@code ProtocolTest.refuses}, {@code ReplyTest.asManyOptionsAsAreAllowedAreRead},
 *       {@code ForwardingTest.asksWithEdns1232AndWithoutTheClientsOptions}
 *   <li>UDP limit, TC with no answers: {@code ReplyTest.fitsToTheLastByteAndIsCutToNothingBeyondIt},
 *       {@code ProtocolTest.largeAnswersAreCutToTheClientsSizeButNeverAbove1232}
 *   <li>TCP limits: {@code TcpTest}, {@code FrontLimitsTest.anIdleConnectionClosesAfterTenSeconds, aClientThatDoesNotReadStopsBeingServed}
 *   <li>which replies are believed: {@code ForwardingTest.forgedRepliesAreNotBelieved, aFloodOfWrongRepliesCostsOnePacket,
 *       eachQuestionHasItsOwnPortAndId}, {@code UnderAttackTest.aReplyFromAnotherAddressOrPortIsNotSeen}
 *   <li>equal questions are asked once: {@code ForwardingTest.equalQuestionsAreAskedOnce}
 *   <li>only the answer to the question is kept: {@code ForwardingTest.onlyTheAnswerToTheQuestionIsKept}
 *   <li>TTLs capped, no part renews the rest: {@code CodecFuzzTest.timesToLiveAreCapped}, {@code AnswerCacheTest.aNewAnswerReplacesTheOldOneWhole}
 *   <li>stale answers: {@code ForwardingTest.cachedAnswersAgeAndExpireAndServeWhenNobodyAnswers},
 *       {@code UnderAttackTest.aDenialIsNeverServedStaleAndAnAnswerOnceStaleWithoutAWait, aMeshNameWinsOverACachedDenial}
 *   <li>reserved names: {@code ProtocolTest.answersMoreThanAddresses}
 *   <li>rebinding: {@code ForwardingTest.publicNamesWithMeshAddressesAreCountedOrRefused}
 *   <li>SERVFAIL says why: {@code ForwardingTest.whenNobodyAnswersTheClientLearnsWhy, aSilentNetworkIsReportedWithinFiveSeconds}
 *   <li>bounded waiting, no gathering for a burst: {@code ForwardingTest.tooManyWaitingQuestionsAreRefused},
 *       {@code UnderAttackTest.sixtyFiveThousandOutstandingQuestionsLeaveRoomForMeshNames, questionsGatherBehindOneReplyForTwoSecondsAtMost}
 *   <li>off loopback only for listed peers: {@code FrontLimitsTest.aSocketOffLoopbackServesOnlyLoopbackAndTheListedRanges}
 *   <li>no query name in a label or a log: {@code UnderAttackTest.noQueryNameBecomesALabel, aFloodOfMalformedPacketsIsSurvivedWithoutALogLine}
 * </ol>
 */
@NullMarked
package dev.outrider.dns;

import org.jspecify.annotations.NullMarked;
