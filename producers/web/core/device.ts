// mobile, tablet or desktop. The user agent says it, but for iPads, which call themselves Macs, and phones in desktop mode.

export function deviceOf(userAgent: string, touchPoints: number, width: number): "mobile" | "tablet" | "desktop" {
  if (/iPad|Tablet|Silk|Android(?!.*Mobi)/.test(userAgent)) return "tablet";
  if (/Mobi|iPhone/.test(userAgent)) return "mobile";
  if (touchPoints > 1 && /Mac/.test(userAgent)) return "tablet";
  return touchPoints > 1 && width < 600 ? "mobile" : "desktop";
}
