/** Of what Node says of wrong arguments; the rest is advice on how to give some that are not taken here. */
export function firstSentence({ message }: Error): string {
  const [sentence = ''] = message.split(/\.?(?: |\n)(?=[A-Z])/)
  return `${sentence}.`
}
